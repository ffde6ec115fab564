import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type BucketState, bucket } from "../../src/policy/limits/bucket.ts";
import { LENGTH_MS, NOON, ruleOf } from "../policy/limits/rule.ts";
import { chanceFrom } from "../support/chance.ts";

/** The same thing said the other way round: tokens that come back, in exact fractions of one. */
type Tokens = { readonly free: bigint; readonly at: number };
type Rate = { readonly max: bigint; readonly burst: bigint; readonly period: bigint };

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const filledUp = ({ free, at }: Tokens, { max, burst, period }: Rate, now: number): Tokens => ({
  free: least(burst * period, free + BigInt(now - at) * max),
  at: now,
});
const given = (tokens: Tokens, { burst, period }: Rate, amount: number): Tokens => ({
  ...tokens,
  free: least(burst * period, tokens.free + BigInt(amount) * period),
});
/** Milliseconds, rounded up; 0 where it fits. */
const waitFor = ({ free }: Tokens, { max, period }: Rate, amount: number): number => {
  const missing = BigInt(amount) * period - free;
  return missing <= 0n ? 0 : Number((missing + max - 1n) / max);
};
const whole = ({ free }: Tokens, { period }: Rate): number =>
  free < 0n ? 0 : Number(free / period);

const MAXIMA = [1, 7, 60, 500, 59_999, 1_000_003, 4_000_000_000, 999_999_999_999_937, 1e15];
const PERIODS = ["minute", "hour", "day"] as const;

/** One trace of `steps`; what it came to, for a look at whether anything was tried at all. */
const replay = (seed: number, steps: number): { refused: number; settled: number } => {
  const chance = chanceFrom(seed);
  const upTo = (n: number) => Math.floor(chance() * n);
  const per = PERIODS[upTo(PERIODS.length)] ?? "minute";
  const max = MAXIMA[upTo(MAXIMA.length)] ?? 1;
  const burst = 1 + upTo(max);
  const rule = ruleOf({ kind: "bucket", per, max, burst });
  const rate = { max: BigInt(max), burst: BigInt(burst), period: BigInt(LENGTH_MS[per]) };
  let state: BucketState | undefined;
  let now = NOON;
  let tokens: Tokens = { free: rate.burst * rate.period, at: now };
  const held: { window: string; amount: number }[] = [];
  const seen = { refused: 0, settled: 0 };
  for (let step = 0; step < steps; step += 1) {
    const pause = (burst / max) * LENGTH_MS[per] * 0.3;
    now += chance() < 0.3 ? 0 : Math.floor(chance() * pause);
    tokens = filledUp(tokens, rate, now);
    const open = held.length > 0 && chance() < 0.3 ? held.shift() : undefined;
    if (open !== undefined) {
      const actual = chance() < 0.5 ? upTo(open.amount + 1) : upTo(2 * open.amount + 2);
      state = bucket.settle(state, rule, open.window, open.amount, actual, now);
      tokens = given(tokens, rate, open.amount - actual);
      seen.settled += 1;
    } else {
      const amount = 1 + upTo(Math.max(1, burst / 3));
      const wait = waitFor(tokens, rate, amount);
      const check = bucket.check(state, rule, amount, now);
      if (wait === 0) {
        if (check.verdict !== "go") throw new Error(`refused what fits, seed ${seed}`);
        const took = bucket.take(state, rule, amount, now);
        state = took.state;
        held.push({ window: took.window, amount });
        tokens = given(tokens, rate, -amount);
      } else {
        if (check.verdict !== "wait" || check.retryAfterMs !== wait) {
          throw new Error(`${JSON.stringify(check)} instead of ${wait} ms, seed ${seed}`);
        }
        seen.refused += 1;
      }
    }
    const { remaining } = bucket.standing(state, rule, now);
    if (remaining !== whole(tokens, rate)) {
      throw new Error(`${remaining} left instead of ${whole(tokens, rate)}, seed ${seed}`);
    }
  }
  return seen;
};

describe("laws of the bucket", () => {
  it("GCRA is a token bucket: verdict, retry time and rest, with refunds and debits", () => {
    const seen = { refused: 0, settled: 0 };
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const { refused, settled } = replay(seed, 12);
        seen.refused += refused;
        seen.settled += settled;
      }),
      { numRuns: 100_000 },
    );
    expect(seen.refused).toBeGreaterThan(50_000);
    expect(seen.settled).toBeGreaterThan(50_000);
  });

  it("and stays one over long traces", () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => void replay(seed, 2_000)),
      { numRuns: 100 },
    );
  });
});
