import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { play, type Seen } from "./account-model.ts";
import { script } from "./account-script.ts";

/** A longer run: `HEADGATE_ACCOUNT_RUNS=100000 vitest run --project plain test/laws/account.test.ts`. */
const RUNS = Number(process.env["HEADGATE_ACCOUNT_RUNS"] ?? 2_000);

describe("the account of an organisation", () => {
  it("is what plain sums say, whatever comes in which order", {
    timeout: 60_000 + 20 * RUNS,
  }, () => {
    const seen: Seen = { steps: 0, admitted: 0, denied: 0, drawn: 0, guessed: 0, granted: 0 };
    fc.assert(
      fc.property(script, (all) => play(all, seen)),
      { numRuns: RUNS },
    );
    // A script that shows nothing proves nothing.
    expect(seen.steps).toBeGreaterThan(50 * RUNS);
    expect(seen.admitted).toBeGreaterThan(5 * RUNS);
    expect(seen.denied).toBeGreaterThan(RUNS);
    expect(seen.guessed).toBeGreaterThan(RUNS);
    expect(seen.granted).toBeGreaterThan(RUNS / 2);
    expect(seen.drawn).toBeGreaterThan(RUNS / 8);
  });
});
