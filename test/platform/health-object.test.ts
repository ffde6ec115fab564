import { evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { BREAKER } from "../../src/domain/config/defaults.ts";
import { createClock } from "../../src/platform/clock.ts";
import { createHealth } from "../../src/platform/health.ts";
import { objectNameOf } from "../../src/platform/health-parts.ts";
import type { AttemptOutcome, Health } from "../../src/ports.ts";
import { targetNamed } from "../support/target-world.ts";

const target = targetNamed("real", { breaker: { ...BREAKER, open_ms: 1, max_open_ms: 1 } });
const COST = { requests: 1, tokens: 0 };
const UNKNOWN = { firstTokenMs: undefined, totalMs: undefined, until: undefined };

/** An isolate on the real objects; `settled` waits for what it left to the background. */
const isolate = () => {
  const work: Promise<unknown>[] = [];
  const health = createHealth({
    clock: createClock(),
    random: Math.random,
    objects: (name) => env.TARGET.getByName(name),
    background: (promise) => work.push(promise),
  });
  const settled = async () => {
    while (work.length > 0) await work.pop();
  };
  return { health, settled };
};

const call = async (health: Health, kind: AttemptOutcome["kind"]): Promise<boolean> => {
  const pass = await health.admit(target, "acme", COST);
  if (pass !== undefined) health.report(target, pass, { ...UNKNOWN, kind });
  return pass !== undefined;
};

describe("isolates round the real object", () => {
  it("share what one of them saw, its probe, and its recovery, though the object is put away", async () => {
    const [here, there] = [isolate(), isolate()];
    for (let time = 0; time < 5; time += 1) expect(await call(here.health, "fail")).toBe(true);
    await here.settled();
    await evictDurableObject(env.TARGET.getByName(objectNameOf(target)));
    await call(there.health, "ignore");
    await there.settled();
    expect(there.health.view(target)?.state).not.toBe("closed");

    const passes = await Promise.all(
      [here, there, here, there].map(({ health }) => health.admit(target, "acme", COST)),
    );
    const probes = passes.filter((pass) => pass !== undefined);
    expect(probes).toMatchObject([{ probe: 1 }]);
    await evictDurableObject(env.TARGET.getByName(objectNameOf(target)));
    const prober = passes.indexOf(probes[0]) % 2 === 0 ? here : there;
    if (probes[0]) prober.health.report(target, probes[0], { ...UNKNOWN, kind: "ok" });
    await prober.settled();
    expect(await call(prober.health, "ok")).toBe(true);
    await prober.settled();
    expect(prober.health.view(target)?.state).toBe("closed");
  });

  it("hear an operator's word at once where it was spoken", async () => {
    const { health } = isolate();
    const forced = targetNamed("forced");
    const rules = { breaker: forced.breaker, limits: [] };
    await env.TARGET.getByName(objectNameOf(forced)).force(rules, "isolated", 1);
    await health.refresh(forced);
    expect(health.admit(forced, "acme", COST)).toBeUndefined();
    expect(health.view(forced)?.state).toBe("isolated");
  });
});
