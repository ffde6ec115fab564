import { describe, expect, it } from "vitest";
import { scene } from "./health-scene.ts";

/** Two isolates that know the target as open; its cooldown has just passed. */
const afterCooldown = async () => {
  const stage = scene();
  const { world, time, call, fail, stateIn } = stage;
  const isolates = [world.isolate(), world.isolate()] as const;
  for (const health of isolates) await call(health, "ok");
  await fail(isolates[0], 5);
  await time.play(1_500);
  for (const health of isolates) stateIn(health);
  await time.play(18_000);
  return { ...stage, isolates };
};

describe("a target whose cooldown has passed", () => {
  it("is probed by one isolate at a time, and is everybody's again after two successes", async () => {
    const { isolates, enter, report, call, time, stateIn } = await afterCooldown();
    const [here, there] = isolates;
    const probe = await enter(here);
    expect(probe?.probe).toBe(1);
    expect([await enter(here), await enter(there)]).toEqual([undefined, undefined]);
    report(here, probe, "ok");
    await time.play(1_000);
    stateIn(there);
    await time.play(200);
    expect(await call(there, "ok")).toBe(true);
    await time.play(1_500);
    stateIn(here);
    await time.play(200);
    expect([stateIn(here), stateIn(there)]).toEqual(["closed", "closed"]);
    expect(there.view(scene().target)?.ramp).toBeLessThan(0.3);
  });

  it("is asked by one of those who come at the same moment", async () => {
    const { isolates, enter } = await afterCooldown();
    const passes = await Promise.all(
      Array.from({ length: 20 }, (_, at) => enter(isolates[at % 2 === 0 ? 0 : 1])),
    );
    expect(passes.filter((pass) => pass !== undefined)).toHaveLength(1);
  });

  it("keeps its probe for as long as the call lasts", async () => {
    const { isolates, enter, report, time, world } = await afterCooldown();
    const [here, there] = isolates;
    const probe = await enter(here);
    for (let waited = 0; waited < 120_000; waited += 5_000) {
      await time.play(5_000);
      expect(await enter(there)).toBeUndefined();
    }
    expect(world.sent.renew).toBeGreaterThan(10);
    report(here, probe, "ok");
    await time.play(1_500);
    expect(await enter(there)).toMatchObject({ probe: 2 });
  });

  it("is probed by another when its probe is never heard of again", async () => {
    const { isolates, enter, time, target, world } = await afterCooldown();
    const [core] = world.objects.values();
    const lost = await core?.probe({ breaker: target.breaker, limits: [] }, 17_000);
    expect(lost?.lease?.epoch).toBe(1);
    expect(await enter(isolates[1])).toBeUndefined();
    await time.play(20_000);
    isolates[1].view(target);
    await time.play(200);
    expect(await enter(isolates[1])).toMatchObject({ probe: 2 });
  });

  // A flag said that somebody asks, and whoever was to take it back had been ended.
  it("is probed by the next one where the request that asked has been ended from outside", async () => {
    const { world, time, target, enter, fail } = scene();
    let hasEnded = false;
    const after = (ms: number, run: () => void) => (hasEnded ? () => {} : time.after(ms, run));
    const health = world.isolate({ ...time, after });
    await fail(health, 5);
    await time.play(20_000);
    hasEnded = true;
    world.delay = 1e9;
    expect(health.admit(target, "acme", { requests: 1, tokens: 0 })).toBeInstanceOf(Promise);
    hasEnded = false;
    world.delay = 0;
    await time.play(5_000);
    expect(await enter(health)).toMatchObject({ probe: 1 });
  });

  // Another report had begun meanwhile, and the first one's failure was nobody's.
  it("hears of its probe also where two reports of it fail one over the other", async () => {
    const { isolates, enter, report, time, world, target } = await afterCooldown();
    const [here] = isolates;
    const probe = await enter(here);
    await time.play(200);
    world.down = true;
    report(here, probe, "fail");
    void here.refresh(target);
    await time.play(1_000);
    world.down = false;
    here.view(target);
    await time.play(200);
    const [core] = world.objects.values();
    const seen = await core?.look({ breaker: target.breaker, limits: [] });
    expect(seen?.state.breaker.phase.name).toBe("open");
  });

  it("takes a lease back that came too late to be used", async () => {
    const { isolates, enter, time, world } = await afterCooldown();
    world.delay = 400;
    expect(await enter(isolates[0])).toBeUndefined();
    await time.play(2_000);
    world.delay = 0;
    await time.play(2_000);
    expect(await enter(isolates[1])).toMatchObject({ probe: 2 });
  });

  it("is the next one's to probe when a caller has left before an answer", async () => {
    const { isolates, enter, report, time } = await afterCooldown();
    report(isolates[0], await enter(isolates[0]), "ignore");
    await time.play(200);
    expect(await enter(isolates[0])).toMatchObject({ probe: 2 });
  });
});

describe("an object that cannot be reached", () => {
  it("leaves each isolate with its own verdict", async () => {
    const { world, time, call, fail, stateIn } = scene();
    const [here, there] = [world.isolate(), world.isolate()];
    world.down = true;
    await call(there, "ok");
    await fail(here, 5);
    await time.play(5_000);
    expect([stateIn(here), stateIn(there)]).toEqual(["open", "closed"]);
    expect([await call(here, "ok"), await call(there, "ok")]).toEqual([false, true]);
  });

  it("keeps a target closed to an isolate no longer than half a minute beyond its cooldown", async () => {
    const { world, time, call, fail, stateIn } = scene();
    const health = world.isolate();
    world.down = true;
    await fail(health, 5);
    await time.play(19_000);
    expect(await call(health, "ok")).toBe(false);
    await time.play(15_000);
    expect(await call(health, "ok")).toBe(true);
    expect(await call(health, "ok")).toBe(true);
    expect(stateIn(health)).toBe("closed");
    // What it probed by itself is no news to the object, which goes on from where it was.
    world.down = false;
    await time.play(3_000);
    await call(health, "ok");
    await time.play(1_500);
    expect(stateIn(health)).toBe("closed");
  });
});

describe("the keys of a provider", () => {
  it("rest everywhere once one isolate was refused, and one call tries them again", async () => {
    const { world, time, target, call } = scene();
    const [here, there] = [world.isolate(), world.isolate()];
    for (const health of [here, there]) await call(health, "ok");
    here.reportCredential(target, "FIRST", true);
    expect([
      here.credentialUsable(target, "FIRST"),
      here.credentialUsable(target, "SECOND"),
    ]).toEqual([false, true]);
    await time.play(1_500);
    await call(there, "ok");
    await time.play(1_500);
    expect(there.credentialUsable(target, "FIRST")).toBe(false);
    await time.play(75_000);
    expect([1, 2].map(() => there.credentialUsable(target, "FIRST"))).toEqual([true, false]);
    there.reportCredential(target, "FIRST", false);
    await time.play(1_500);
    await call(here, "ok");
    await time.play(1_500);
    expect(here.credentialUsable(target, "FIRST")).toBe(true);
    expect(here.credentialUsable(target, "FIRST")).toBe(true);
  });
});
