import { describe, expect, it } from "vitest";
import { BREAKER } from "../../../src/domain/config/defaults.ts";
import { isSlow } from "../../../src/policy/resilience/breaker.ts";
import { cooldownMs } from "../../../src/policy/resilience/cooldown.ts";
import { held, LEASE_MS, opened, START } from "./breaker-held.ts";

describe("a closed breaker", () => {
  it("opens at five failures in a row, and a success between them begins the count anew", () => {
    const breaker = held();
    breaker.results("fail", { count: 4 });
    breaker.results("ok");
    breaker.results("fail", { count: 4 });
    expect(breaker.name()).toBe("closed");
    breaker.results("timeout");
    expect(breaker.name()).toBe("open");
    expect(breaker.wait()).toBe(15_000);
  });

  it("opens at half failures among twenty calls, not among nineteen", () => {
    const breaker = held({ consecutive: 100 });
    breaker.results("ok", { count: 9 });
    breaker.results("fail", { count: 10 });
    expect(breaker.name()).toBe("closed");
    breaker.results("ok");
    expect(breaker.name()).toBe("open");
  });

  it("opens when four of five are slow to begin", () => {
    const breaker = held();
    breaker.results("ok", { count: 4 });
    breaker.results("ok", { count: 15, slow: 15 });
    expect(breaker.name()).toBe("closed");
    breaker.results("ok", { slow: 1 });
    expect(breaker.name()).toBe("open");
  });

  it("stays closed while fewer than half fail and fewer than four of five are slow", () => {
    const breaker = held({ consecutive: 100 });
    breaker.results("ok", { count: 11, slow: 6 });
    breaker.results("fail", { count: 9, slow: 9 });
    expect(breaker.name()).toBe("closed");
  });

  it.each([
    [26_000, "open"],
    [30_000, "closed"],
  ])("at one more failure after %i ms is %s: thirty seconds are recent", (ms, name) => {
    const breaker = held({ consecutive: 100 });
    breaker.results("fail", { count: 19 });
    breaker.pass(ms);
    breaker.results("fail");
    expect(breaker.name()).toBe(name);
  });

  it.each(["ignore", "throttle"] as const)("counts %s as nothing", (kind) => {
    const breaker = held();
    breaker.results(kind, { count: 100 });
    expect(breaker.name()).toBe("closed");
    expect(breaker.state().window).toEqual([]);
  });

  it("never opens where it is switched off", () => {
    const breaker = held({ enabled: false });
    breaker.results("fail", { count: 1_000 });
    expect(breaker.name()).toBe("closed");
  });

  it("calls slow what takes over ten seconds, or five times as long as usual", () => {
    const breaker = held();
    expect(isSlow(breaker.state(), 10_000)).toBe(false);
    expect(isSlow(breaker.state(), 10_001)).toBe(true);
    breaker.results("ok", { firstToken: { sum: 8_000, count: 2 } });
    expect(isSlow(breaker.state(), 20_000)).toBe(false);
    expect(isSlow(breaker.state(), 20_001)).toBe(true);
    // A sample of thirty seconds ago weighs 1/e of a new one.
    breaker.pass(30_000);
    breaker.results("ok", { firstToken: { sum: 3_000, count: 1 } });
    const usual = (8_000 / Math.E + 3_000) / (2 / Math.E + 1);
    expect(isSlow(breaker.state(), 5 * usual - 1)).toBe(false);
    expect(isSlow(breaker.state(), 5 * usual + 1)).toBe(true);
  });
});

describe("a throttled breaker", () => {
  it("keeps away until the time that the provider named, is extended and never shortened", () => {
    const breaker = held();
    breaker.results("throttle", { until: START + 20_000 });
    expect([breaker.name(), breaker.wait()]).toEqual(["throttled", 20_000]);
    breaker.results("throttle", { until: START + 5_000 });
    expect(breaker.wait()).toBe(20_000);
    breaker.results("throttle", { until: START + 30_000 });
    breaker.pass(29_999);
    expect(breaker.name()).toBe("throttled");
    breaker.pass(1);
    expect(breaker.name()).toBe("closed");
  });

  it("opens for failures all the same, and for no less than the time that was named", () => {
    const breaker = held();
    breaker.results("throttle", { until: START + 60_000 });
    breaker.results("fail", { count: 5 });
    expect([breaker.name(), breaker.wait()]).toEqual(["open", 66_000]);
  });
});

describe("an open breaker", () => {
  it("grants no probe before its time, then one at a time", () => {
    const breaker = opened();
    breaker.pass(14_999);
    expect(breaker.probe()).toBeUndefined();
    breaker.pass(1);
    expect(breaker.probe()).toEqual({ epoch: 1, expires: breaker.now() + LEASE_MS });
    expect(breaker.probe()).toBeUndefined();
  });

  it("pays no heed to calls that were under way when it opened", () => {
    const breaker = opened();
    breaker.results("ok", { count: 100 });
    breaker.results("fail", { count: 100 });
    expect([breaker.name(), breaker.wait()]).toEqual(["open", 15_000]);
  });

  it("cools down four times alike, then twice as long each time, up to the longest", () => {
    const breaker = opened();
    const waits = [breaker.wait()];
    for (let time = 2; time <= 10; time += 1) {
      breaker.pass(breaker.wait());
      breaker.answer(breaker.probe(), "fail");
      waits.push(breaker.wait());
    }
    const seconds = [15, 15, 15, 15, 30, 60, 120, 240, 300, 300];
    expect(waits).toEqual(seconds.map((each) => each * 1_000));
    // A tenth level would be no longer, and would only have to wear off.
    expect(breaker.state().level).toBe(9);
  });

  it.each([
    [4, 15_000, 0.05],
    [5, 30_000, 0.2],
  ])("is moved by chance at level %i: %i ms by %d either way", (level, plain, spread) => {
    expect(cooldownMs(level, BREAKER, () => 0)).toBeCloseTo(plain * (1 - spread), 6);
    expect(cooldownMs(level, BREAKER, () => 1)).toBeCloseTo(plain * (1 + spread), 6);
  });
});
