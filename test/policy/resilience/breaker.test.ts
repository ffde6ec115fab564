import { describe, expect, it } from "vitest";
import { BREAKER } from "../../../src/domain/config/defaults.ts";
import { type BreakerEvent, breakerStep, isSlow } from "../../../src/policy/resilience/breaker.ts";
import { healthStateOf, rampOf, untilOf } from "../../../src/policy/resilience/breaker-health.ts";
import {
  type BreakerState,
  type Lease,
  newBreaker,
  type Result,
} from "../../../src/policy/resilience/breaker-state.ts";
import { resultOf } from "../../laws/breaker-model.ts";

const START = 1_700_000_000_000;
const LEASE_MS = 17_000;

/** A breaker in a test's hand; chance always draws the middle, so that a cooldown is its plain length. */
const held = (rules: Partial<typeof BREAKER> = {}) => {
  let state: BreakerState = newBreaker;
  let now = START;
  const send = (event: BreakerEvent): Lease | undefined => {
    const step = breakerStep(state, event, now, () => 0.5, { ...BREAKER, ...rules });
    state = step.state;
    return step.output;
  };
  const results = (kind: Result["kind"], more: Partial<Result> = {}) =>
    send({ type: "result", result: resultOf(kind, more) });
  return {
    send,
    results,
    pass: (ms: number) => {
      now += ms;
      send({ type: "look" });
    },
    probe: () => send({ type: "probe", leaseMs: LEASE_MS }),
    answer: (lease: Lease | undefined, kind: Result["kind"], more: Partial<Result> = {}) =>
      results(kind, { epoch: lease?.epoch ?? -1, probe: true, ...more }),
    name: () => state.phase.name,
    wait: () => (untilOf(state) ?? Number.NaN) - now,
    state: () => state,
    now: () => now,
  };
};

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

  it("forgets what is thirty seconds old", () => {
    const breaker = held({ consecutive: 100 });
    breaker.results("fail", { count: 19 });
    breaker.pass(30_000);
    breaker.results("fail");
    expect(breaker.name()).toBe("closed");
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

const opened = () => {
  const breaker = held();
  breaker.results("fail", { count: 5 });
  return breaker;
};
const probing = () => {
  const breaker = opened();
  breaker.pass(15_000);
  return breaker;
};

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

  it.each([
    [1, 15_000],
    [2, 30_000],
    [3, 60_000],
    [4, 120_000],
    [5, 240_000],
    [6, 300_000],
    [7, 300_000],
  ])("stays open after opening %i for %i ms", (times, ms) => {
    const breaker = opened();
    for (let time = 1; time < times; time += 1) {
      breaker.pass(breaker.wait());
      breaker.answer(breaker.probe(), "fail");
    }
    expect(breaker.wait()).toBe(ms);
  });
});

describe("a half-open breaker", () => {
  it("closes at the second success, empties its window and ramps up over thirty seconds", () => {
    const breaker = probing();
    breaker.answer(breaker.probe(), "ok");
    expect(breaker.name()).toBe("half_open");
    breaker.answer(breaker.probe(), "ok");
    expect([breaker.name(), breaker.state().window]).toEqual(["closed", []]);
    const ramp = (ms: number) => rampOf(breaker.state(), breaker.now() + ms);
    expect([ramp(0), ramp(15_000), ramp(30_000), ramp(99_000)]).toEqual([0.1, 0.55, 1, 1]);
  });

  it.each(["fail", "timeout"] as const)("opens again for longer at one %s", (kind) => {
    const breaker = probing();
    breaker.answer(breaker.probe(), kind);
    expect([breaker.name(), breaker.wait()]).toEqual(["open", 30_000]);
  });

  it("opens again for as long as before when the probe is told to wait", () => {
    const breaker = probing();
    breaker.answer(breaker.probe(), "throttle", { until: breaker.now() + 1_000 });
    expect([breaker.name(), breaker.wait()]).toEqual(["open", 15_000]);
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

  it("opens for longer when it fails again soon, and no longer after five healthy minutes", () => {
    const soon = recovered();
    soon.results("fail", { count: 5 });
    expect(soon.wait()).toBe(30_000);
    const later = recovered();
    later.pass(300_000);
    later.results("fail", { count: 5 });
    expect(later.wait()).toBe(15_000);
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
    expect([breaker.name(), breaker.state().window]).toEqual(["closed", []]);
  });

  it("is not made by letting go of one that opened by itself", () => {
    const breaker = opened();
    breaker.send({ type: "force", to: "auto" });
    expect(breaker.name()).toBe("open");
  });
});
