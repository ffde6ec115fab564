import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { doubtAllowed } from "../../src/policy/cache/semantic/score.ts";
import { barOf, NEW_TALLY, type Tally, tallyStep } from "../../src/policy/cache/semantic/tally.ts";
import {
  doubtAfter,
  NEW_TRUST,
  type Observation,
  trustStep,
} from "../../src/policy/cache/semantic/trust.ts";
import { chanceFrom } from "../support/chance.ts";

const anyObservation: fc.Arbitrary<Observation> = fc.record({
  doubt: fc.double({ min: 0, max: 1, noNaN: true }),
  verdict: fc.constantFrom("confirmed", "refuted"),
});

describe("the law of learning", () => {
  it("an entry's doubt stays a share and rises with that of the weights", () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(anyObservation, { maxLength: 40 }), share, share, (seen, one, other) => {
        const trust = seen.reduce(
          (so, { doubt, verdict }) => trustStep(so, doubt, verdict),
          NEW_TRUST,
        );
        const [less, more] = one <= other ? [one, other] : [other, one];
        expect(doubtAfter(trust, less)).toBeLessThanOrEqual(doubtAfter(trust, more) + 1e-12);
        expect(doubtAfter(trust, more)).toBeLessThanOrEqual(1);
        expect(doubtAfter(trust, less)).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it("one more refuted hit never lowers a doubt, one more confirmed one never raises it", () => {
    const few = fc.array(anyObservation, { maxLength: 20 });
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(few, anyObservation, share, (seen, { doubt, verdict }, asked) => {
        const before = { seen };
        const change =
          doubtAfter(trustStep(before, doubt, verdict), asked) - doubtAfter(before, asked);
        expect(verdict === "refuted" ? change : -change).toBeGreaterThanOrEqual(-1e-12);
      }),
    );
  });

  it("what was learnt never allows more than the weights do, and goes on the same from JSON", () => {
    fc.assert(
      fc.property(fc.array(anyObservation, { maxLength: 200 }), (seen) => {
        let tally: Tally = NEW_TALLY;
        for (const { doubt, verdict } of seen) {
          tally = JSON.parse(JSON.stringify(tallyStep(tally, doubt, verdict))) as Tally;
        }
        for (const error of [0.01, 0.05, 0.2]) {
          const allowed = doubtAllowed(error);
          const bar = barOf(tally, error, allowed);
          expect(bar).toBeLessThanOrEqual(allowed);
          expect(bar).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });

  it("where the weights are three times too sure, verdicts bring the share of errors back near its bound", () => {
    const maxError = 0.05;
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), (seed) => {
        const random = chanceFrom(seed);
        let tally = NEW_TALLY;
        let [hits, wrong] = [0, 0];
        for (let time = 0; time < 6_000; time++) {
          const doubt = random() * 0.3;
          const refuted = random() < Math.min(1, doubt * 3);
          if (doubt <= barOf(tally, maxError, doubtAllowed(maxError))) {
            if (time > 3_000) hits++;
            if (time > 3_000 && refuted) wrong++;
          }
          tally = tallyStep(tally, doubt, refuted ? "refuted" : "confirmed");
        }
        expect(hits).toBeGreaterThan(0);
        expect(wrong / hits).toBeLessThan(2 * maxError);
      }),
      { numRuns: 20 },
    );
  });
});
