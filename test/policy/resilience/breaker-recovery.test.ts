import { describe, expect, it } from "vitest";
import { healthStateOf, rampOf } from "../../../src/policy/resilience/breaker-health.ts";
import { held, LEASE_MS, opened, probing, START } from "./breaker-held.ts";

describe("a half-open breaker", () => {
  it("closes at the second success, empties its window and ramps up over thirty seconds", () => {
    const breaker = probing();
    breaker.answer(breaker.probe(), "ok");
    expect(breaker.name()).toBe("half_open");
    breaker.answer(breaker.probe(), "ok");
    expect([breaker.name(), breaker.state().window]).toEqual(["closed", []]);
    const ramp = (ms: number) => rampOf(breaker.state(), breaker.now() + ms);
    expect([ramp(0), ramp(15_000), ramp(30_000), ramp(99_000)]).toEqual([0.1, 0.55, 1, 1]);
    // An isolate whose clock is behind.
    expect(ramp(-5_000)).toBe(0.1);
  });

  it.each(["fail", "timeout"] as const)("opens again, one level up, at one %s", (kind) => {
    const breaker = probing();
    breaker.answer(breaker.probe(), kind);
    expect([breaker.name(), breaker.state().level]).toEqual(["open", 2]);
  });

  it("opens again for as long as before when the probe is told to wait", () => {
    const breaker = probing();
    breaker.answer(breaker.probe(), "throttle", { until: breaker.now() + 1_000 });
    expect([breaker.name(), breaker.wait()]).toEqual(["open", 15_000]);
    expect(breaker.state().level).toBe(1);
  });

  it("takes a clock that goes back for one that stands", () => {
    const breaker = probing();
    breaker.pass(-5_000);
    expect(breaker.probe()).toMatchObject({ expires: START + 15_000 + LEASE_MS });
  });

  it("lets the next one probe when the last one learned nothing", () => {
    const breaker = probing();
    breaker.answer(breaker.probe(), "ignore");
    expect(breaker.probe()).toMatchObject({ epoch: 2 });
  });

  it("replaces a lost probe after a moment, and opens after the third", () => {
    const breaker = probing();
    for (const epoch of [1, 2, 3]) {
      expect(breaker.probe()).toMatchObject({ epoch });
      breaker.pass(LEASE_MS);
      expect(breaker.probe()).toBeUndefined();
      breaker.pass(500);
    }
    expect([breaker.name(), breaker.wait()]).toEqual(["open", 14_500]);
  });

  it("keeps the lease of a probe that says it is still under way", () => {
    const breaker = probing();
    breaker.probe();
    breaker.pass(LEASE_MS - 1);
    expect(breaker.send({ type: "renew", epoch: 1, leaseMs: LEASE_MS })).toBeDefined();
    breaker.pass(LEASE_MS - 1);
    expect(breaker.probe()).toBeUndefined();
    breaker.answer({ epoch: 1, expires: 0 }, "ok");
    expect(breaker.state().phase).toMatchObject({ successes: 1 });
  });

  it("ignores the late result of a lost probe, and the second copy of any", () => {
    const breaker = probing();
    const lost = breaker.probe();
    breaker.pass(LEASE_MS);
    breaker.pass(500);
    const second = breaker.probe();
    breaker.answer(lost, "fail");
    expect(breaker.name()).toBe("half_open");
    breaker.answer(second, "ok");
    breaker.answer(second, "ok");
    expect(breaker.state().phase).toMatchObject({ successes: 1, lease: null });
  });
});

describe("a breaker that has recovered", () => {
  const recovered = () => {
    const breaker = probing();
    breaker.answer(breaker.probe(), "ok");
    breaker.answer(breaker.probe(), "ok");
    return breaker;
  };

  it("does not count failures of calls that began before", () => {
    const breaker = recovered();
    breaker.results("fail", { count: 5, epoch: 1 });
    expect(breaker.name()).toBe("closed");
    breaker.results("fail", { count: 5, epoch: 2 });
    expect(breaker.name()).toBe("open");
  });

  it("opens one level up when it fails again soon, and no longer after five healthy minutes", () => {
    const levelAfter = (ms: number) => {
      const breaker = recovered();
      breaker.pass(ms);
      breaker.results("fail", { count: 5 });
      return breaker.state().level;
    };
    expect([levelAfter(299_999), levelAfter(300_000), levelAfter(3_000_000)]).toEqual([2, 1, 1]);
  });

  it("loses a level for every five minutes, however often it is looked at", () => {
    const breaker = probing();
    breaker.answer(breaker.probe(), "fail");
    breaker.pass(15_000);
    breaker.answer(breaker.probe(), "ok");
    breaker.answer(breaker.probe(), "ok");
    const levels = [400_000, 199_999, 1].map((ms) => {
      breaker.pass(ms);
      return breaker.state().level;
    });
    expect(levels).toEqual([1, 1, 0]);
  });
});

describe("a forced breaker", () => {
  it.each([
    ["closed", "closed"],
    ["isolated", "isolated"],
  ] as const)("stays %s whatever happens, until the operator lets go", (to, told) => {
    const breaker = held();
    breaker.send({ type: "force", to });
    breaker.results("fail", { count: 100 });
    breaker.results("throttle", { until: START + 99_000 });
    breaker.pass(1_000_000);
    expect(breaker.probe()).toBeUndefined();
    expect(healthStateOf(breaker.state())).toBe(told);
    breaker.send({ type: "force", to: "auto" });
    expect(breaker.name()).toBe("closed");
    expect(breaker.state()).toMatchObject({ window: [], run: 0, level: 0 });
  });

  it("is not made by letting go of one that opened by itself", () => {
    const breaker = opened();
    breaker.send({ type: "force", to: "auto" });
    expect(breaker.name()).toBe("open");
  });
});
