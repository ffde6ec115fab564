import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EMPTY_WINDOW, recentTally, tallied } from "../../src/policy/resilience/window.ts";
import { play, recovers } from "./breaker-model.ts";

const INTERLEAVINGS = 100_000;

describe("laws of the breaker", () => {
  it("grants one probe at a time, survives storage, and recovers from wherever it is", () => {
    const seen = { probes: 0, recoveries: 0, openings: 0 };
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 60, maxLength: 180, size: "max" }),
        fc.integer(),
        (script, seed) => {
          const world = play(script, seed);
          for (const fact of Object.keys(seen) as (keyof typeof seen)[])
            seen[fact] += world.seen[fact];
          return recovers(world);
        },
      ),
      { numRuns: INTERLEAVINGS },
    );
    // The worlds played were worth playing.
    expect(seen.openings).toBeGreaterThan(INTERLEAVINGS);
    expect(seen.probes).toBeGreaterThan(INTERLEAVINGS);
    expect(seen.recoveries).toBeGreaterThan(INTERLEAVINGS / 20);
  });

  it("counts what a list of all results would, of this stretch of three seconds and the nine before", () => {
    const count = fc.nat({ max: 9 });
    const call = fc.record({ pause: fc.nat({ max: 9_000 }), ok: count, fail: count, slow: count });
    fc.assert(
      fc.property(fc.array(call, { maxLength: 30 }), fc.nat({ max: 40_000 }), (calls, later) => {
        let window = EMPTY_WINDOW;
        let now = 1_700_000_000_000;
        const at = calls.map(({ pause, ...counts }) => {
          now += pause;
          window = tallied(window, now, counts);
          return { now, ...counts };
        });
        const stretch = (time: number) => Math.floor(time / 3_000);
        const recent = at.filter((each) => stretch(each.now) > stretch(now + later) - 10);
        const sum = (of: "ok" | "fail" | "slow") => recent.reduce((all, each) => all + each[of], 0);
        expect(recentTally(window, now + later)).toEqual({
          ...{ ok: sum("ok"), fail: sum("fail"), slow: sum("slow") },
        });
        expect(window.length).toBeLessThanOrEqual(10);
      }),
    );
  });
});
