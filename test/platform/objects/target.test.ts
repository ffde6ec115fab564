import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { BREAKER } from "../../../src/domain/config/defaults.ts";
import type { Rules } from "../../../src/platform/objects/target-calls.ts";
import type { Kept } from "../../../src/platform/objects/target-core.ts";
import type { News } from "../../../src/platform/objects/target-machine.ts";
import { NO_STATS } from "../../../src/platform/objects/target-stats.ts";
import { type CallResult, resultOfOne } from "../../../src/policy/resilience/breaker-state.ts";

const RULES: Rules = { breaker: { ...BREAKER, open_ms: 1, max_open_ms: 1 }, limits: [] };
const LEASE_MS = 60_000;

let made = 0;
/** An object that no other test has; `restart` puts it away in the middle of whatever it was doing. */
const target = (rules: Partial<Rules> = {}) => {
  made += 1;
  const own = { ...RULES, ...rules };
  const stub = () => env.TARGET.getByName(`target-${made}`);
  const only = stub();
  const news = (kind: CallResult["kind"], more: Partial<CallResult> = {}): News => ({
    about: "calls",
    result: resultOfOne(kind, more),
  });
  return {
    stub: only,
    restart: () => evictDurableObject(only),
    probe: () => only.probe(own, LEASE_MS),
    force: (to: "closed" | "isolated" | "auto", revision: number) => only.force(own, to, revision),
    look: () => only.look(own),
    take: (requests: number, org = "acme") =>
      only.take({
        ...{ rules: own, org, need: { requests, tokens: 0 } },
        more: { requests: 0, tokens: 0 },
      }),
    report: (
      reported: readonly News[],
      more: {
        readonly isolate?: string;
        readonly inFlight?: number;
        readonly requests?: number;
      } = {},
    ) =>
      only.report({
        rules: own,
        isolate: more.isolate ?? "one",
        inFlight: more.inFlight ?? 0,
        news: reported,
        stats: { ...NO_STATS, requests: more.requests ?? 0 },
        corrections: [],
      }),
    news,
  };
};

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

/** Open, and past its cooldown of a millisecond. */
const opened = async () => {
  const object = target();
  await object.report([object.news("fail", { count: 5 })]);
  await pause(5);
  return object;
};

describe("the object of a target", () => {
  it("joins what isolates report and tells each of them", async () => {
    const object = target();
    await object.report([object.news("fail", { count: 3 })], { isolate: "one", inFlight: 4 });
    const told = await object.report([object.news("fail", { count: 2 })], { isolate: "two" });
    expect(told.state.breaker.phase.name).toBe("open");
    expect(told.inFlightElsewhere).toBe(4);
    expect(told.state.budget.tokens).toBe(75);
  });

  it("grants one probe to a hundred that ask at once", async () => {
    const object = await opened();
    const probes = await Promise.all(Array.from({ length: 100 }, () => object.probe()));
    expect(probes.filter(({ lease }) => lease !== undefined)).toHaveLength(1);
  });

  it("keeps its probe's lease when it is put away between grant and result", async () => {
    const object = await opened();
    const first = await object.probe();
    await object.restart();
    expect((await object.probe()).lease).toBeUndefined();
    const answer = object.news("ok", { probe: true, epoch: first.lease?.epoch ?? null });
    await object.report([answer]);
    await object.restart();
    const second = await object.probe();
    expect(second.lease?.epoch).toBe(2);
    const done = await object.report([object.news("ok", { probe: true, epoch: 2 })]);
    expect(done.state.breaker.phase.name).toBe("closed");
  });

  it("keeps state, level and keys when it is put away after every call", async () => {
    const object = target();
    await object.report([
      object.news("fail", { count: 5 }),
      { about: "credential", name: "KEY", event: "refused" },
    ]);
    const { state } = await object.look();
    await object.restart();
    const after = (await object.look()).state;
    expect(after.breaker.level).toBe(1);
    expect(after.credentials).toEqual(state.credentials);
  });

  it("writes counts down once they are quiet", async () => {
    const object = target();
    await object.report([object.news("ok", { count: 7 })], { requests: 7 });
    const written = (): Promise<boolean> =>
      runInDurableObject(
        object.stub,
        (_, { storage }) => storage.kv.get<Kept>("kept")?.stats.running.requests === 7,
      );
    await expect.poll(written, { timeout: 20_000 }).toBe(true);
    await object.restart();
    const { stats, state } = await object.look();
    expect(stats.requests).toBe(7);
    expect(state.breaker.window).toMatchObject([{ ok: 7 }]);
  });

  it("obeys the operator's latest wish, in whatever order they arrive", async () => {
    const object = target();
    await object.force("isolated", 2);
    await object.force("closed", 1);
    await object.restart();
    expect((await object.look()).state.breaker.phase.name).toBe("isolated");
    await object.force("auto", 3);
    expect((await object.look()).state.breaker.phase.name).toBe("closed");
  });

  it("gives out a quota once, however often it is put away", async () => {
    const object = target({ limits: [{ unit: "requests", per: "hour", max: 6 }] });
    const grants = [];
    for (let call = 0; call < 8; call += 1) {
      grants.push((await object.take(1)).granted);
      await object.restart();
    }
    expect(grants).toEqual([true, true, true, true, true, true, false, false]);
    const { quota } = await object.look();
    expect(quota).toEqual([{ unit: "requests", per: "hour", max: 6, used: 6, remaining: 0 }]);
  });

  it("gives two hundred callers at once exactly what there is", async () => {
    const object = target({ limits: [{ unit: "requests", per: "day", max: 137 }] });
    const grants = await Promise.all(Array.from({ length: 200 }, () => object.take(1)));
    expect(grants.filter(({ granted }) => granted)).toHaveLength(137);
  });
});
