import { describe, expect, it } from "vitest";
import { scene } from "./health-scene.ts";

describe("a provider's quota", () => {
  it("is given out in blocks: few words, and not one call too many over many isolates", async () => {
    const { world, time, enter, report } = scene({
      limits: [{ unit: "requests", per: "minute", max: 600 }],
    });
    const isolates = Array.from({ length: 4 }, world.isolate);
    let admitted = 0;
    const from = time.now();
    while (time.now() < from + 50_000) {
      for (const health of isolates) {
        const pass = await enter(health);
        if (pass === undefined) continue;
        admitted += 1;
        report(health, pass, "ok");
      }
      await time.play(20);
    }
    expect(admitted).toBeLessThanOrEqual(600);
    expect(admitted).toBeGreaterThan(560);
    expect(world.sent.take).toBeLessThan(400);
  });

  it("once it is used up, takes the target out of reach without a word for each call", async () => {
    const { world, time, target, enter } = scene({
      limits: [{ unit: "requests", per: "hour", max: 3 }],
    });
    const health = world.isolate();
    for (let call = 0; call < 3; call += 1) expect(await enter(health)).toBeDefined();
    expect(await enter(health)).toBeUndefined();
    const before = world.sent.take;
    for (let call = 0; call < 100; call += 1) expect(await enter(health)).toBeUndefined();
    expect(world.sent.take).toBe(before);
    expect(health.view(target)).toMatchObject({ state: "closed", quotaLeft: 0 });
    await time.play(1_100);
    health.view(target);
    await time.play(200);
    expect(health.view(target)?.quotaLeft).toBe(0);
    await time.play(3_700_000);
    health.view(target);
    await time.play(200);
    expect(health.view(target)?.quotaLeft).toBe(1);
    expect(await enter(health)).toBeDefined();
  });

  // Callers were told to come back in a second, then in fifteen, and were refused each time; and whoever came
  // when there was quota again was refused by what had been known an hour before.
  it("once it is used up, says when there is some again, and has it then", async () => {
    const { world, time, target, enter } = scene({
      limits: [{ unit: "requests", per: "hour", max: 3 }],
    });
    const health = world.isolate();
    const from = time.now();
    for (let call = 0; call < 4; call += 1) await enter(health);
    const told = health.view(target)?.until ?? 0;
    expect(told - from).toBeGreaterThanOrEqual(3_600_000);
    expect(told - from).toBeLessThan(3_600_000 + 63_000);
    await time.play(1_100);
    health.view(target);
    await time.play(200);
    expect(health.view(target)).toMatchObject({ quotaLeft: 0, until: told });
    await time.play(told - time.now());
    expect(health.view(target)?.quotaLeft).not.toBe(0);
    expect(await enter(health)).toBeDefined();
  });

  it("is not used up for the others when one organisation has had its share", async () => {
    const { world, target, enter } = scene({
      limits: [{ unit: "requests", per: "day", max: 10, share: 0.5 }],
    });
    const health = world.isolate();
    const taken = [];
    for (let call = 0; call < 6; call += 1) taken.push(await enter(health, 0, "greedy"));
    expect(taken.filter((pass) => pass !== undefined)).toHaveLength(5);
    expect(health.view(target)?.quotaLeft).not.toBe(0);
    expect(await enter(health, 0, "modest")).toBeDefined();
  });

  it("gets back the tokens that calls did not use", async () => {
    const { world, time, enter, report, call } = scene({
      limits: [{ unit: "tokens", per: "hour", max: 10_000 }],
    });
    const health = world.isolate();
    const first = await enter(health, 9_000);
    expect(await enter(health, 9_000)).toBeUndefined();
    report(health, first, "ok", { tokens: 500 });
    await time.play(1_500);
    await call(health, "ok");
    await time.play(1_500);
    expect(await enter(health, 9_000)).toBeDefined();
  });

  it("is nobody's hindrance while its object cannot be reached", async () => {
    const { world, enter } = scene({ limits: [{ unit: "requests", per: "hour", max: 1 }] });
    const health = world.isolate();
    world.down = true;
    for (let call = 0; call < 3; call += 1) expect(await enter(health)).toBeDefined();
  });
});
