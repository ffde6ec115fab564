/**
 * Decides: how much of a minute, hour, day or month of civil time is spent and held (machines.md section 5).
 * Never: starts a window twice: once a later one has begun, a clock that runs backwards changes nothing.
 *
 * What was held belongs to the window it was taken from; windows that are over are kept until then.
 */
import type { LimitRule } from "../../domain/limit.ts";
import { type CivilWindow, windowAt } from "./civil-time.ts";
import type { Counter } from "./counter.ts";
import { LONGEST_WAIT_MS, SOON_MS } from "./times.ts";

type Count = { readonly id: string; readonly spent: number; readonly held: number };

export type CalendarState = {
  readonly timezone: string;
  /** Of the current window, epoch ms: until then nobody has to ask what day it is. */
  readonly until: number;
  readonly current: Count;
  /** Windows that are over, with holds; oldest first. */
  readonly earlier: readonly Count[];
};

const unused = (id: string): Count => ({ id, spent: 0, held: 0 });

const civilWindow = ({ id, per, timezone }: LimitRule, now: number): CivilWindow => {
  // No configuration gets here without one: it is a bug.
  if (per === undefined) throw new Error(`no window: ${id}`);
  return windowAt(per, timezone, now);
};

/** The state with the window of `now` as the current one. */
const turned = (state: CalendarState | undefined, rule: LimitRule, now: number): CalendarState => {
  if (state !== undefined && now < state.until && state.timezone === rule.timezone) return state;
  const { id, until } = civilWindow(rule, now);
  const past = state === undefined ? [] : [...state.earlier, state.current];
  return {
    timezone: rule.timezone,
    until,
    current: past.find((count) => count.id === id) ?? unused(id),
    earlier: past.filter((count) => count.id !== id && count.held > 0),
  };
};

const settled = (count: Count, held: number, actual: number): Count => ({
  id: count.id,
  spent: Math.max(0, count.spent + actual),
  held: Math.max(0, count.held - held),
});

export const calendar: Counter<CalendarState> = {
  check(state, rule, amount, now) {
    if (amount === 0) return { verdict: "go", waitMs: 0 };
    if (amount > rule.max) return { verdict: "never" };
    const { current, until } = turned(state, rule, now);
    if (current.spent + current.held + amount <= rule.max) return { verdict: "go", waitMs: 0 };
    const held = current.spent + amount <= rule.max;
    return {
      verdict: "wait",
      retryAfterMs: Math.min(until - now, held ? SOON_MS : LONGEST_WAIT_MS),
      held,
    };
  },

  take(state, rule, amount, now) {
    const { current, ...rest } = turned(state, rule, now);
    const after = { id: current.id, spent: current.spent, held: current.held + amount };
    return { state: { ...rest, current: after }, window: current.id };
  },

  settle(state, rule, window, held, actual, now) {
    const before = state ?? turned(undefined, rule, now);
    const { current, earlier } = before;
    if (current.id === window) return { ...before, current: settled(current, held, actual) };
    const after = earlier.flatMap((count) => {
      const changed = count.id === window ? settled(count, held, actual) : count;
      return changed.held > 0 ? [changed] : [];
    });
    return { ...before, earlier: after };
  },

  standing(state, rule, now) {
    const { current, until } = turned(state, rule, now);
    const { spent, held } = current;
    const remaining = Math.max(0, rule.max - spent - held);
    return { used: spent, held, remaining, resetsAt: until };
  },
};
