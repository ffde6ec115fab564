import { describe, expect, it } from "vitest";
import type { Target } from "../../src/domain/target.ts";
import { waitBefore } from "../../src/policy/resilience/retry.ts";
import { orderByHealth } from "../../src/policy/routing/health-order.ts";
import type { Health } from "../../src/ports.ts";
import { chanceFrom } from "../support/chance.ts";
import { createWorld, targetNamed } from "../support/target-world.ts";
import { createVirtualTime } from "../support/virtual-time.ts";

const MINUTES_MS = 600_000;
const MOST_REPEATS = 2;
const BIN_MS = 100;

type Attempt = { readonly at: number; readonly target: string; readonly request: number };

type Shape = { readonly everyMs: number; readonly enabled?: boolean; readonly count?: number };

/** Ten minutes in which nothing answers, as `count` isolates meet them; each request keeps to config.md. */
const outage = async (seed: number, { everyMs, enabled = true, count = 5 }: Shape) => {
  const offered = MINUTES_MS / everyMs;
  const time = createVirtualTime();
  const chance = chanceFrom(seed);
  const world = createWorld(time, seed);
  const base = targetNamed("");
  const targets = ["primary", "backup"].map((name) =>
    targetNamed(name, { breaker: { ...base.breaker, enabled } }),
  );
  const isolates = Array.from({ length: count }, world.isolate);
  const attempts: Attempt[] = [];
  const probing = new Map<string, number>();
  let mostProbes = 0;

  /** Whether the call was made at all. */
  const attempt = async (
    health: Health,
    target: Target,
    request: number,
    repeat: boolean,
  ): Promise<boolean> => {
    const pass = await health.admit(target, "acme", { requests: 1, tokens: 0, repeat });
    if (pass === undefined) return false;
    attempts.push({ at: time.now(), target: target.model, request });
    const probes = (probing.get(target.model) ?? 0) + (pass.probe === undefined ? 0 : 1);
    probing.set(target.model, probes);
    mostProbes = Math.max(mostProbes, probes);
    await time.sleep(20 + chance() * 100);
    if (pass.probe !== undefined) probing.set(target.model, probes - 1);
    const unknown = { firstTokenMs: undefined, totalMs: undefined, until: undefined };
    health.report(target, pass, { kind: "fail", ...unknown });
    return pass.probe === undefined;
  };

  const serve = async (health: Health, request: number): Promise<void> => {
    const now = time.now();
    const byModel = new Map(targets.map((target) => [target.model, target]));
    const view = (model: string) => {
      const target = byModel.get(model);
      return target && health.view(target);
    };
    const order = orderByHealth(targets, targets[0], { health: view, now, random: chance });
    let repeats = 0;
    for (const [place, target] of (order.ok ? order.value : []).entries()) {
      if (place > 0 && !health.mayRepeat(target)) continue;
      let goesOn = await attempt(health, target, request, place > 0);
      for (let own = 0; goesOn && repeats < MOST_REPEATS && health.mayRepeat(target); own += 1) {
        repeats += 1;
        await time.sleep(waitBefore(own, undefined, chance));
        goesOn = await attempt(health, target, request, true);
      }
    }
  };

  for (let request = 0; request < offered; request += 1) {
    time.after(request * everyMs, () => {
      const health = isolates[Math.floor(chance() * count)];
      if (health !== undefined) void serve(health, request);
    });
    // Now and then an object is put away, in the middle of whatever is under way.
    if (request % 500 === 499) {
      time.after(request * everyMs, () => targets.forEach((target) => void world.evict(target)));
    }
  }
  await time.play(MINUTES_MS + 10_000);
  return { attempts, mostProbes, offered };
};

const largest = (counts: Iterable<number>): number => Math.max(0, ...counts);
const countBy = <K>(attempts: readonly Attempt[], key: (attempt: Attempt) => K) => {
  const counts = new Map<K, number>();
  for (const each of attempts) counts.set(key(each), (counts.get(key(each)) ?? 0) + 1);
  return counts;
};

describe("ten minutes of full outage over several isolates", () => {
  it.each([1, 2, 3])(
    "costs a dead target its first calls, then one a cooldown (seed %i)",
    async (seed) => {
      const { attempts, mostProbes } = await outage(seed, { everyMs: 50 });
      const [begin] = attempts;
      const late = attempts.filter(({ at }) => at > (begin?.at ?? 0) + 1_000);
      // Five failures each, and what was under way while the news of the fifth went round.
      expect(attempts.length - late.length).toBeLessThanOrEqual(2 * (5 + 10));
      for (const target of ["primary", "backup"]) {
        // Cooldowns of 15, 15, 15, 15, 30, 60, 120, 240 and 300 seconds, a fifth more or less.
        const probes = late.filter((each) => each.target === target).length;
        expect(probes).toBeGreaterThanOrEqual(6);
        expect(probes).toBeLessThanOrEqual(10);
      }
      expect(mostProbes).toBe(1);
    },
  );

  it.each([
    ["on", true, 5],
    ["off", false, 50],
  ])("sets off no storm with the breaker %s", async (_, enabled, everyMs) => {
    const { attempts, offered } = await outage(7, { everyMs, enabled });
    expect(attempts.length).toBeLessThanOrEqual(1.1 * offered + 10);
    const perRequest = countBy(attempts, ({ request }) => request);
    expect(largest(perRequest.values())).toBeLessThanOrEqual(2 + MOST_REPEATS);
    const perTarget = countBy(attempts, ({ request, target }) => `${request} ${target}`);
    expect(largest(perTarget.values())).toBeLessThanOrEqual(1 + MOST_REPEATS);
  });

  it("never doubles the load on a target, not even while it goes down", async () => {
    const everyMs = 5;
    // Each isolate may repeat the few failures that it takes to notice: they are few beside the load.
    const { attempts } = await outage(9, { everyMs, count: 2 });
    const bins = countBy(attempts, ({ at, target }) => `${target} ${Math.floor(at / BIN_MS)}`);
    expect(largest(bins.values())).toBeGreaterThan(BIN_MS / everyMs / 2);
    expect(largest(bins.values())).toBeLessThanOrEqual(2 * (BIN_MS / everyMs));
  });
});

describe("callers who failed together", () => {
  it("do not come back together", () => {
    const chance = chanceFrom(4);
    const waits = Array.from({ length: 20_000 }, () => waitBefore(9, undefined, chance));
    const bins = Map.groupBy(waits, (ms) => Math.floor(ms / BIN_MS));
    const mean = waits.length / bins.size;
    expect(bins.size).toBe(20);
    for (const bin of bins.values()) expect(bin.length).toBeLessThan(2 * mean);
  });
});
