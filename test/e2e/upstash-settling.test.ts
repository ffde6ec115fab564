import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { NO_COST } from "../../src/domain/limit.ts";
import type { UpstashHold, UpstashLimits } from "../../src/platform/upstash-limits.ts";
import { type SlidingState, sliding } from "../../src/policy/limits/sliding.ts";
import { describeWithRedis } from "../support/redis.ts";
import { costOf, NOW, requestsRule, TENANT, tokensRule } from "../support/upstash-rules.ts";
import { endsOf, holdsOf, startUpstashStage, type UpstashStage } from "../support/upstash-stage.ts";

describeWithRedis("what a request holds in Redis", () => {
  let stage: UpstashStage;
  let here: UpstashLimits;
  let there: UpstashLimits;
  beforeAll(async () => {
    stage = await startUpstashStage();
    ({ here, there } = stage);
  });
  afterAll(() => stage?.dispose());

  it("give back what the organisation's own limits refused, in the window it was taken from", async () => {
    const both = [requestsRule({ max: 1 }), tokensRule()];
    const holds = holdsOf(await here.take(TENANT, both, costOf(1_000), NOW));
    expect((await there.take(TENANT, both, costOf(1), NOW + 5_000)).ok).toBe(false);
    expect(await here.settle(endsOf(holds, NO_COST), NOW + 5_000)).toBe(true);
    const again = await there.take(TENANT, both, costOf(1_000), NOW + 5_000);
    expect(again).toMatchObject({ ok: true, standings: [{ used: 1 }, { used: 1_000 }] });
  });

  it("settle a request with what it came to, less or more than was held", async () => {
    const tokens = tokensRule();
    const first = holdsOf(await here.take(TENANT, [tokens], costOf(800), NOW));
    await here.settle(endsOf(first, costOf(300)), NOW + 1_000);
    const second = holdsOf(await here.take(TENANT, [tokens], costOf(100), NOW + 2_000));
    await here.settle(endsOf(second, costOf(650)), NOW + 3_000);
    const next = await here.take(TENANT, [tokens], costOf(51), NOW + 4_000);
    expect(next).toMatchObject({ ok: false, used: 950 });
    expect((await here.take(TENANT, [tokens], costOf(50), NOW + 4_000)).ok).toBe(true);
  });

  it("settle nothing into a window that is over", async () => {
    const tokens = tokensRule();
    const holds = holdsOf(await here.take(TENANT, [tokens], costOf(100), NOW));
    expect((await here.take(TENANT, [tokens], costOf(1), NOW + 130_000)).ok).toBe(true);
    await here.settle(endsOf(holds, costOf(900)), NOW + 130_000);
    const next = await here.take(TENANT, [tokens], costOf(1), NOW + 130_000);
    expect(next).toMatchObject({ ok: true, standings: [{ used: 2 }] });
  });

  it("decide like an organisation's own sliding windows on any trace", async () => {
    const step = fc.record({
      wait: fc.integer({ min: 0, max: 9_000 }),
      amount: fc.integer({ min: 1, max: 60 }),
      /** Whether, and to which share, an earlier one is settled first. */
      settles: fc.option(fc.double({ min: 0, max: 2, noNaN: true })),
    });
    const property = fc.asyncProperty(
      fc.array(step, { minLength: 20, maxLength: 60 }),
      async (steps) => {
        const tokens = tokensRule({ max: 100 });
        const open: {
          readonly holds: readonly UpstashHold[];
          readonly window: string;
          readonly amount: number;
        }[] = [];
        let state: SlidingState | undefined;
        let now = NOW;
        for (const { wait, amount, settles } of steps) {
          now += wait;
          const earlier = settles === null ? undefined : open.shift();
          if (earlier !== undefined && settles !== null) {
            const actual = Math.round(earlier.amount * settles);
            await here.settle(endsOf(earlier.holds, costOf(actual)), now);
            state = sliding.settle(state, tokens, earlier.window, earlier.amount, actual, now);
          }
          const check = sliding.check(state, tokens, amount, now);
          const take = await here.take(TENANT, [tokens], costOf(amount), now);
          expect(take.ok).toBe(check.verdict === "go");
          if (take.ok) {
            const taken = sliding.take(state, tokens, amount, now);
            state = taken.state;
            open.push({ holds: take.holds, window: taken.window, amount });
          } else if (check.verdict === "wait") {
            expect(take.retryAfterMs).toBe(check.retryAfterMs);
          }
        }
      },
    );
    await fc.assert(property, { numRuns: 60 });
  });

  it("ask Redis once for a request and once to settle it, however many rules there are", async () => {
    const rules = [requestsRule(), tokensRule(), tokensRule()];
    const nine = holdsOf(await here.take(TENANT, rules, costOf(9), NOW));
    await here.settle(endsOf(nine, costOf(8)), NOW);
    const before = stage.shim.commands();
    const holds = holdsOf(await here.take(TENANT, rules, costOf(9), NOW));
    expect(stage.shim.commands() - before).toBe(1);
    await here.settle(endsOf(holds, costOf(8)), NOW);
    expect(stage.shim.commands() - before).toBe(2);
  });
});
