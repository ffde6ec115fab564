import fc from "fast-check";
import { describe, expect, it } from "vitest";
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
});
