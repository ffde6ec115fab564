import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { QuotaRule } from "../../src/domain/target.ts";
import {
  BLOCK_LIFE_MS,
  newQuota,
  type QuotaState,
  quotaStep,
} from "../../src/policy/resilience/quota.ts";

const RULE: QuotaRule = { unit: "tokens", per: "minute", max: 100, share: 0.6 };
const MINUTE = 60_000;
const ORGS = ["a", "b"] as const;

type Use = { readonly at: number; readonly tokens: number; readonly org: string };

const ask = fc.record({
  pause: fc.oneof(fc.nat({ max: 500 }), fc.nat({ max: 20_000 })),
  org: fc.constantFrom(...ORGS),
  need: fc.integer({ min: 1, max: 40 }),
  more: fc.nat({ max: 60 }),
  /** How long after it was given a block is used, at the latest moment of its life for the worst. */
  delay: fc.nat({ max: BLOCK_LIFE_MS }),
});

/** What was used in the minute that ends with `end`. */
const usedIn = (uses: readonly Use[], end: number): number =>
  uses.reduce((sum, { at, tokens }) => (at > end - MINUTE && at <= end ? sum + tokens : sum), 0);

describe("laws of a provider's quota", () => {
  it("no minute, wherever it begins, uses more than the maximum, nor an organisation its share", () => {
    let refusals = 0;
    fc.assert(
      fc.property(fc.array(ask, { minLength: 5, maxLength: 40 }), (asks) => {
        let state: QuotaState = newQuota;
        let now = 1_700_000_000_000;
        const uses: Use[] = [];
        for (const { pause, org, need, more, delay } of asks) {
          now += pause;
          const amounts = {
            need: { requests: 0, tokens: need },
            more: { requests: 0, tokens: more },
          };
          const step = quotaStep(state, { type: "take", org, ...amounts }, now, [RULE]);
          state = JSON.parse(JSON.stringify(step.state)) as QuotaState;
          if (step.output?.granted === true) {
            uses.push({ at: now + delay, tokens: step.output.amount.tokens, org });
          } else refusals += 1;
        }
        for (const { at } of uses) {
          expect(usedIn(uses, at)).toBeLessThanOrEqual(RULE.max);
          for (const org of ORGS) {
            expect(
              usedIn(
                uses.filter((use) => use.org === org),
                at,
              ),
            ).toBeLessThanOrEqual(60);
          }
        }
      }),
      { numRuns: 2_000 },
    );
    expect(refusals).toBeGreaterThan(2_000);
  });

  it("a call that waits until the time it was told gets in, if nobody else asks", () => {
    fc.assert(
      fc.property(fc.array(ask, { minLength: 1, maxLength: 30 }), (asks) => {
        let state: QuotaState = newQuota;
        let now = 1_700_000_000_000;
        for (const { pause, org, need } of asks) {
          now += pause;
          const amounts = { need: { requests: 0, tokens: need }, more: { requests: 0, tokens: 0 } };
          const event = { type: "take", org, ...amounts } as const;
          const step = quotaStep(state, event, now, [RULE]);
          state = step.state;
          const grant = step.output;
          if (grant?.granted !== false) continue;
          expect(grant.until).toBeGreaterThan(now);
          const later = quotaStep(state, event, grant.until ?? 0, [RULE]);
          expect(later.output?.granted).toBe(true);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
