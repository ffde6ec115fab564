/**
 * Decides: at most `max` in any stretch of the period's length, counted in sub-windows of a sixtieth of it.
 * Never: forgets early: a sub-window counts until its newest taking is a period old, so that nothing counts
 * longer than a period and a sub-window, and nobody has to wait longer than a period.
 */
import type { LimitRule } from "../../domain/limit.ts";
import type { Counter } from "./counter.ts";
import { lengthOf } from "./period.ts";

const SUB_WINDOWS = 60;

/** `index`: which sub-window since the epoch. `newest`: its last taking, epoch ms. Short: it is stored often. */
type SubWindow = readonly [index: number, newest: number, spent: number, held: number];

type Sums = { readonly spent: number; readonly held: number };

/** Sums, and what they are sums of: oldest first, `newest` rising too, none empty, at most 61 of them. */
export type SlidingState = Sums & { readonly subWindows: readonly SubWindow[] };

const NOTHING: SlidingState = { spent: 0, held: 0, subWindows: [] };

/** How many at the front are over, and the sums without them. */
const living = (state: SlidingState, periodMs: number, now: number): Sums & { over: number } => {
  let { spent, held } = state;
  let over = 0;
  for (const [, newest, itsSpent, itsHeld] of state.subWindows) {
    if (newest > now - periodMs) break;
    spent -= itsSpent;
    held -= itsHeld;
    over += 1;
  }
  return { spent, held, over };
};

const pruned = (state: SlidingState, periodMs: number, now: number): SlidingState => {
  const { spent, held, over } = living(state, periodMs, now);
  return over === 0 ? state : { spent, held, subWindows: state.subWindows.slice(over) };
};

/** With `after` in the place of `before`, or with nothing there where nothing is left. */
const replaced = (
  { spent, held, subWindows }: SlidingState,
  place: number,
  before: SubWindow,
  after: SubWindow,
): SlidingState => {
  const isEmpty = after[2] === 0 && after[3] === 0;
  return {
    spent: spent + after[2] - before[2],
    held: held + after[3] - before[3],
    subWindows: isEmpty ? subWindows.toSpliced(place, 1) : subWindows.toSpliced(place, 1, after),
  };
};

/** Milliseconds until `amount` fits; it is not above the maximum. */
const retryAfter = (
  { subWindows }: SlidingState,
  { spent, held, over }: ReturnType<typeof living>,
  rule: LimitRule,
  amount: number,
  now: number,
): number => {
  let left = spent + held;
  let until = now;
  for (let place = over; left + amount > rule.max; place += 1) {
    const oldest = subWindows[place];
    if (oldest === undefined) break;
    left -= oldest[2] + oldest[3];
    until = oldest[1] + lengthOf(rule);
  }
  return until - now;
};

export const sliding: Counter<SlidingState> = {
  check(state = NOTHING, rule, amount, now) {
    if (amount === 0) return { verdict: "go", waitMs: 0 };
    if (amount > rule.max) return { verdict: "never" };
    const alive = living(state, lengthOf(rule), now);
    if (alive.spent + alive.held + amount <= rule.max) return { verdict: "go", waitMs: 0 };
    const retryAfterMs = retryAfter(state, alive, rule, amount, now);
    return { verdict: "wait", retryAfterMs, held: alive.spent + amount <= rule.max };
  },

  take(state = NOTHING, rule, amount, now) {
    const periodMs = lengthOf(rule);
    const kept = pruned(state, periodMs, now);
    const last = kept.subWindows.at(-1);
    // A clock that runs backwards stands still.
    const index = Math.max(Math.floor(now / (periodMs / SUB_WINDOWS)), last?.[0] ?? 0);
    const window = `${index}`;
    if (amount === 0) return { state: kept, window };
    const subWindows = kept.subWindows.slice();
    if (last?.[0] === index) {
      const [, newest, spent, held] = last;
      subWindows[subWindows.length - 1] = [index, Math.max(now, newest), spent, held + amount];
    } else subWindows.push([index, now, 0, amount]);
    return { state: { spent: kept.spent, held: kept.held + amount, subWindows }, window };
  },

  settle(state = NOTHING, rule, window, held, actual, now) {
    const periodMs = lengthOf(rule);
    const kept = pruned(state, periodMs, now);
    const wanted = Number(window);
    const place = kept.subWindows.findLastIndex(([index]) => index <= wanted);
    const found = kept.subWindows[place];
    if (found?.[0] === wanted) {
      const spent = Math.max(0, found[2] + actual);
      const rest = Math.max(0, found[3] - held);
      return replaced(kept, place, found, [wanted, found[1], spent, rest]);
    }
    // What was held stands in its sub-window until that is over. Held for nothing and used all the same: it
    // counts as if used at the end of it.
    const length = periodMs / SUB_WINDOWS;
    const from = wanted * length;
    const newest = Math.min(now, from + length - 1);
    const counts = held === 0 && actual > 0 && from <= now && newest > now - periodMs;
    if (!counts) return kept;
    return {
      spent: kept.spent + actual,
      held: kept.held,
      subWindows: kept.subWindows.toSpliced(place + 1, 0, [wanted, newest, actual, 0]),
    };
  },

  standing(state = NOTHING, rule, now) {
    const { spent, held, over } = living(state, lengthOf(rule), now);
    const last = state.subWindows.length > over ? state.subWindows.at(-1) : undefined;
    return {
      used: spent,
      held,
      remaining: Math.max(0, rule.max - spent - held),
      resetsAt: last === undefined ? now : last[1] + lengthOf(rule),
    };
  },
};
