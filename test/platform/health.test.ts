import { describe, expect, it } from "vitest";
import { scene } from "./health-scene.ts";

describe("a healthy target", () => {
  it("costs a call no round trip, and its isolate a word a second", async () => {
    const { world, time, target, call } = scene();
    const health = world.isolate();
    for (let at = 0; at < 5_000; at += 5) {
      const leave = health.admit(target, "acme", { requests: 1, tokens: 0 });
      expect(leave).not.toBeInstanceOf(Promise);
      if (leave !== undefined && !(leave instanceof Promise)) {
        health.report(target, leave, {
          ...{ kind: "ok", firstTokenMs: 100, totalMs: 300, until: undefined },
        });
      }
      await time.play(5);
    }
    expect(await call(health, "ok")).toBe(true);
    expect(world.sent).toMatchObject({ probe: 0, take: 0, renew: 0 });
    expect(world.sent.report).toBeLessThanOrEqual(2 * 5 + 1);
    expect(world.sent.report).toBeGreaterThanOrEqual(5);
  });

  it("is seen with its averages, and with the calls that are under way anywhere", async () => {
    const { world, time, target, enter, call } = scene();
    const [here, there] = [world.isolate(), world.isolate()];
    expect(here.view(target)).toBeUndefined();
    await call(here, "ok", { firstTokenMs: 200, totalMs: 900 });
    await call(here, "ok", { firstTokenMs: 400, totalMs: 1_100 });
    await enter(there);
    await time.play(1_200);
    await enter(there);
    await time.play(1_000);
    await call(here, "ok");
    await time.play(200);
    expect(here.view(target)).toMatchObject({
      ...{ state: "closed", ramp: 1, inFlight: 2, recentFailures: 0 },
    });
    expect(there.view(target)?.firstTokenMs).toBeCloseTo(300, 5);
    expect(here.view(target)?.totalMs).toBeCloseTo(1_000, 5);
  });

  it("is not thought busy with calls whose requests have been ended from outside", async () => {
    const { world, time, target, enter } = scene();
    const health = world.isolate();
    await enter(health);
    await time.play(600_001);
    await enter(health);
    expect(health.view(target)?.inFlight).toBe(1);
  });

  // How long a call may last was asked of the configuration that the isolate had begun with.
  it("is told of a call that lasts longer than calls did before the configuration changed", async () => {
    const { world, time, target, enter, call } = scene();
    const short = { ...target, timeouts: { ...target.timeouts, total_ms: 60_000 } };
    const health = world.isolate();
    expect(health.admit(short, "acme", { requests: 1, tokens: 0 })).toBeDefined();
    const pass = await enter(health);
    await time.play(120_000);
    await call(health, "ok");
    await time.play(2_000);
    if (pass === undefined) throw new Error("it was not admitted");
    health.report(target, pass, {
      ...{ kind: "fail", firstTokenMs: undefined, totalMs: undefined, until: undefined },
    });
    expect(health.view(target)?.recentFailures).toBe(1);
  });

  it("is not charged twice for a result that is told twice", async () => {
    const { world, target, enter, report } = scene();
    const health = world.isolate();
    const pass = await enter(health);
    for (let time = 0; time < 9; time += 1) report(health, pass, "fail");
    expect(health.view(target)).toMatchObject({ recentFailures: 1, inFlight: 0 });
  });
});

describe("a target that fails", () => {
  it("is left alone at once by the isolate that saw it, and by the others within a second", async () => {
    const { world, time, call, fail, stateIn } = scene();
    const [here, there] = [world.isolate(), world.isolate()];
    await call(there, "ok");
    await time.play(2_000);
    await call(there, "ok");
    await fail(here, 5);
    expect(await call(here, "ok")).toBe(false);
    await time.play(1_000);
    stateIn(there);
    await time.play(200);
    expect(stateIn(there)).toBe("open");
    expect(await call(there, "ok")).toBe(false);
  });

  it("is opened by what several isolates saw of it together", async () => {
    const { world, time, fail, stateIn } = scene();
    const isolates = [world.isolate(), world.isolate(), world.isolate()];
    for (const health of isolates) await fail(health, 2);
    await time.play(200);
    await time.play(1_000);
    for (const health of isolates) stateIn(health);
    await time.play(200);
    expect(isolates.map(stateIn)).toEqual(["open", "open", "open"]);
  });

  it("costs a call that is refused no word to anybody", async () => {
    const { world, time, target, fail } = scene();
    const health = world.isolate();
    await fail(health, 5);
    await time.play(500);
    const before = { ...world.sent };
    for (let call = 0; call < 1_000; call += 1) {
      expect(health.admit(target, "acme", { requests: 1, tokens: 0 })).toBeUndefined();
    }
    expect(world.sent).toEqual(before);
  });

  it("keeps away until the time that the provider named", async () => {
    const { world, time, target, call } = scene();
    const health = world.isolate();
    await call(health, "throttle", { until: time.now() + 20_000 });
    const until = time.now() + 20_000;
    expect(health.view(target)).toMatchObject({ state: "throttled", until });
    await time.play(19_900);
    expect(await call(health, "ok")).toBe(false);
    await time.play(100);
    expect(await call(health, "ok")).toBe(true);
  });

  it("is called all the same where the breaker is off, unless an operator has isolated it", async () => {
    const { world, time, target, call, fail } = scene();
    const off = { ...target.breaker, enabled: false };
    const { world: world2, time: time2, ...other } = scene({ breaker: off });
    await fail(world.isolate(), 5);
    await time.play(500);
    const health = world2.isolate();
    await other.fail(health, 50);
    expect(await other.call(health, "fail")).toBe(true);
    await time2.play(1_500);
    const [core] = world2.objects.values();
    await core?.force({ breaker: off, limits: [] }, "isolated", 1);
    await other.call(health, "ok");
    await time2.play(1_500);
    expect(await other.call(health, "ok")).toBe(false);
    expect(await call(world.isolate(), "ok")).toBe(true);
  });
});

describe("the retry budget", () => {
  it("allows three repeats at a time once it is spent, and none when the breaker has opened", async () => {
    const { world, target, enter, call } = scene();
    const health = world.isolate();
    expect(health.mayRepeat(target)).toBe(true);
    for (let time = 0; time < 4; time += 1) {
      await call(health, "timeout");
      await call(health, "ok");
      await call(health, "timeout");
    }
    expect(health.view(target)?.state).toBe("closed");
    const allowed = [];
    for (let time = 0; time < 4; time += 1) {
      allowed.push(health.mayRepeat(target));
      await enter(health, 0, "acme", true);
    }
    expect(allowed).toEqual([true, true, true, false]);
  });
});
