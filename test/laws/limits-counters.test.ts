import { describe, expect, it } from "vitest";
import { COUNTERS } from "../../src/policy/limits/counters.ts";
import { LENGTH_MS } from "../policy/limits/rule.ts";
import { everyRule, fitting, isSlot, MAX, walk } from "./limits-walk.ts";

describe("laws of every way of counting", () => {
  it("a question changes nothing", () => {
    let denials = 0;
    everyRule((rule, all) => {
      walk(rule, all, ({ state, amount, now }) => {
        const before = JSON.stringify(state);
        const first = COUNTERS[rule.kind].check(state, rule, amount, now);
        COUNTERS[rule.kind].standing(state, rule, now);
        expect(JSON.stringify(state)).toBe(before);
        expect(COUNTERS[rule.kind].check(state, rule, amount, now)).toEqual(first);
        if (first.verdict !== "go") denials += 1;
      });
    });
    expect(denials).toBeGreaterThan(4_000);
  });

  it("taking nothing changes nothing", () => {
    everyRule((rule, all) => {
      const counter = COUNTERS[rule.kind];
      walk(rule, all, ({ state, amount, now }) => {
        const { state: after } = counter.take(state, rule, 0, now);
        expect(counter.standing(after, rule, now)).toEqual(counter.standing(state, rule, now));
        expect(counter.check(after, rule, amount, now)).toEqual(
          counter.check(state, rule, amount, now),
        );
      });
    });
  });

  it("only what is held is in the way where all would fit without it, and nowhere else", () => {
    const waits = { held: 0, spent: 0 };
    everyRule((rule, all) => {
      const counter = COUNTERS[rule.kind];
      walk(rule, all, ({ state, amount, now, held }) => {
        const check = counter.check(state, rule, amount, now);
        // A turn that was given does not come back.
        if (check.verdict !== "wait" || rule.kind === "leaky") return;
        const free = held.reduce(
          (before, hold) => counter.settle(before, rule, hold.window, hold.amount, 0, now),
          state,
        );
        expect(check.held).toBe(counter.check(free, rule, amount, now).verdict === "go");
        waits[check.held ? "held" : "spent"] += 1;
      });
    });
    expect(Math.min(waits.held, waits.spent)).toBeGreaterThan(500);
  });

  it("taking and settling leave the state before them as it was", () => {
    everyRule((rule, all) => {
      walk(rule, all, ({ state, amount, now }) => {
        const before = JSON.stringify(state);
        const taken = COUNTERS[rule.kind].take(state, rule, amount, now);
        const between = JSON.stringify(taken.state);
        COUNTERS[rule.kind].settle(taken.state, rule, taken.window, amount, 0, now);
        expect([JSON.stringify(state), JSON.stringify(taken.state)]).toEqual([before, between]);
      });
    });
  });

  it("a state restored from JSON goes on identically at any step", () => {
    everyRule((rule, all) => {
      const counter = COUNTERS[rule.kind];
      walk(
        rule,
        all,
        ({ state, amount, now }) => {
          const restored =
            state === undefined ? undefined : (JSON.parse(JSON.stringify(state)) as unknown);
          expect(counter.check(restored, rule, amount, now)).toEqual(
            counter.check(state, rule, amount, now),
          );
          expect(counter.standing(restored, rule, now)).toEqual(counter.standing(state, rule, now));
          expect(JSON.stringify(counter.take(restored, rule, amount, now))).toBe(
            JSON.stringify(counter.take(state, rule, amount, now)),
          );
        },
        true,
      );
    });
  });

  it("settling what was held turns it from held to spent and changes nothing else", () => {
    everyRule((rule, all) => {
      const counter = COUNTERS[rule.kind];
      walk(rule, all, ({ state, amount, now }) => {
        const { state: taken, window } = counter.take(state, rule, amount, now);
        const before = counter.standing(taken, rule, now);
        const settled = counter.settle(taken, rule, window, amount, amount, now);
        const after = counter.standing(settled, rule, now);
        expect(after.remaining).toBe(before.remaining);
        expect(after.resetsAt).toBe(before.resetsAt);
        expect(after.used + after.held).toBe(before.used + before.held);
      });
    });
  });

  it("settling nothing at once leaves free what was free", () => {
    everyRule((rule, all) => {
      const counter = COUNTERS[rule.kind];
      walk(rule, all, ({ state, amount, now }) => {
        if (counter.check(state, rule, amount, now).verdict !== "go") return;
        const { state: taken, window } = counter.take(state, rule, amount, now);
        const given = counter.settle(taken, rule, window, amount, 0, now);
        const before = counter.standing(state, rule, now);
        expect(counter.standing(given, rule, now)).toMatchObject({
          used: before.used,
          held: before.held,
          remaining: before.remaining,
        });
        for (const asked of [1, amount, fitting(rule, MAX)]) {
          const verdict = counter.check(state, rule, asked, now);
          if (rule.kind === "sliding") {
            // Its sub-window may be remembered for what else was taken in it: a little longer.
            expect(counter.check(given, rule, asked, now).verdict).toBe(verdict.verdict);
          } else expect(counter.check(given, rule, asked, now)).toEqual(verdict);
        }
      });
    });
  });

  it("what is used, held and left is the maximum, while nothing was used beyond it", () => {
    everyRule((rule, all) => {
      walk(rule, all, ({ state, now }) => {
        const { used, held, remaining } = COUNTERS[rule.kind].standing(state, rule, now);
        const capacity = rule.kind === "bucket" ? rule.burst : rule.max;
        if (rule.kind === "leaky") expect(remaining).toBe(Math.max(0, capacity - used));
        else expect(used + held + remaining).toBe(capacity);
      });
    });
  });

  it("who waits exactly as long as told gets in; a millisecond less is too little", () => {
    let waits = 0;
    everyRule((rule, all) => {
      const counter = COUNTERS[rule.kind];
      const length = rule.per === undefined ? 1_000 : LENGTH_MS[rule.per as "hour"];
      walk(rule, all, ({ state, amount, now }) => {
        const check = counter.check(state, rule, amount, now);
        if (check.verdict !== "wait") return;
        const { retryAfterMs, held } = check;
        expect(Number.isSafeInteger(retryAfterMs)).toBe(true);
        expect(retryAfterMs).toBeGreaterThan(0);
        expect(retryAfterMs).toBeLessThanOrEqual(length);
        // A slot, or what a calendar holds, may be free before: nobody knows when.
        if (isSlot(rule) || (held && rule.kind === "calendar")) return;
        waits += 1;
        expect(counter.check(state, rule, amount, now + retryAfterMs).verdict).toBe("go");
        expect(counter.check(state, rule, amount, now + retryAfterMs - 1).verdict).toBe("wait");
      });
    });
    expect(waits).toBeGreaterThan(2_000);
  });

  it("a debt is waited for as long as told, too", () => {
    everyRule((rule, all) => {
      const counter = COUNTERS[rule.kind];
      walk(
        rule,
        all,
        ({ state, amount, now }) => {
          const check = counter.check(state, rule, amount, now);
          if (check.verdict !== "wait" || isSlot(rule)) return;
          if (check.held && rule.kind === "calendar") return;
          expect(counter.check(state, rule, amount, now + check.retryAfterMs).verdict).toBe("go");
        },
        true,
      );
    });
  });

  it("a maximum below what is used refuses everybody, one above it refuses nobody it could fit", () => {
    everyRule((rule, all) => {
      const counter = COUNTERS[rule.kind];
      walk(rule, all, ({ state: untouched, now }) => {
        // What has leaked since it was last touched leaks at the rate of the maximum that is asked with.
        const { state } = counter.take(untouched, rule, 0, now);
        const { used, held } = counter.standing(state, rule, now);
        if (used + held < 2 || rule.kind === "leaky") return;
        const lower = { ...rule, max: used + held, burst: used + held };
        expect(counter.check(state, lower, 1, now).verdict).toBe("wait");
        const room = { ...rule, max: used + held + 1, burst: used + held + 1 };
        expect(counter.check(state, room, 1, now).verdict).toBe("go");
      });
    });
  });
});
