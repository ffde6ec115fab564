import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { QuotaRule } from "../../src/domain/target.ts";
import {
  BLOCK_LIFE_MS,
  type Grant,
  newQuota,
  type QuotaEvent,
  type QuotaState,
  quotaFreeAt,
  quotaStep,
} from "../../src/policy/resilience/quota.ts";

const RULE: QuotaRule = { unit: "tokens", per: "minute", max: 100, share: 0.6 };
const MINUTE = 60_000;
const ORGS = ["a", "b"] as const;

type Use = { readonly at: number; readonly tokens: number; readonly org: string };

const ask = fc.record({
  pause: fc.oneof(fc.nat({ max: 500 }), fc.nat({ max: 20_000 })),
  org: fc.constantFrom(...ORGS),
  need: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constant(60)),
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

  /** Takes and late corrections; `each` sees every grant or refusal, and the state that it left. */
  const played = (
    asks: readonly { pause: number; org: string; need: number }[],
    corrections: readonly number[],
    each: (state: QuotaState, org: string, need: number, now: number, grant: Grant) => void,
  ): void => {
    let state: QuotaState = newQuota;
    let now = 1_700_000_000_000;
    const takes: { readonly when: number; readonly org: string }[] = [];
    for (const [at, { pause, org, need }] of asks.entries()) {
      now += pause;
      const { state: next, output } = quotaStep(state, taking(org, need), now, [RULE]);
      state = next;
      if (output !== undefined) each(state, org, need, now, output);
      takes.push({ when: now, org });
      const tokens = corrections[at] ?? 0;
      const of = takes[(at * 7) % takes.length];
      if (of === undefined || tokens === 0) continue;
      const event = { type: "correct", ...of, by: { requests: 0, tokens } } as const;
      state = quotaStep(state, event, now, [RULE]).state;
    }
  };
  const taking = (org: string, tokens: number): QuotaEvent => ({
    type: "take",
    org,
    need: { requests: 0, tokens },
    more: { requests: 0, tokens: 0 },
  });
  const isGranted = (state: QuotaState, org: string, need: number, now: number, rule = RULE) =>
    quotaStep(state, taking(org, need), now, [rule]).output?.granted;
  const asks = fc.array(ask, { minLength: 1, maxLength: 30 });
  const corrections = fc.array(fc.integer({ min: -50, max: 30 }), { maxLength: 30 });

  it("a call gets in at the time it was told and not before, if nobody else asks", () => {
    fc.assert(
      fc.property(asks, corrections, (asks, corrections) => {
        played(asks, corrections, (state, org, need, now, grant) => {
          if (grant.granted) return;
          const until = grant.until ?? 0;
          expect(until).toBeGreaterThan(now);
          expect(isGranted(state, org, need, until - 1)).toBe(false);
          expect(isGranted(state, org, need, until)).toBe(true);
        });
      }),
      { numRuns: 2_000 },
    );
  });

  it("a quota is used up for all where the call would not fit without shares either", () => {
    const { share: _, ...whole } = RULE;
    fc.assert(
      fc.property(asks, corrections, (asks, corrections) => {
        played(asks, corrections, (state, org, need, now, grant) => {
          if (!grant.granted) expect(grant.toAll).toBe(!isGranted(state, org, need, now, whole));
          const freeAt = quotaFreeAt(state, now, [RULE]);
          expect(isGranted(state, "c", 1, now)).toBe(freeAt === undefined);
          if (freeAt === undefined) return;
          expect(isGranted(state, "c", 1, freeAt - 1)).toBe(false);
          expect(isGranted(state, "c", 1, freeAt)).toBe(true);
        });
      }),
      { numRuns: 2_000 },
    );
  });
});
