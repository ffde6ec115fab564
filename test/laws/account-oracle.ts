/**
 * Decides: how full each kind of limit is, by sums as plain as can be: the oracle of the account's laws.
 * Never: shares a line with what it judges, and never is quick.
 */
import type { LimitRule } from "../../src/domain/limit.ts";
import { LENGTH_MS } from "../policy/limits/rule.ts";

/** Amounts in the rule's unit; `now` in milliseconds since the epoch, never running backwards. */
export type Count = {
  fits(amount: number, now: number): boolean;
  /** Holds it; says in which window. */
  take(amount: number, now: number): string;
  /** `actual` in the place of what was held. */
  replace(window: string, held: number, actual: number, now: number): void;
  used(now: number): number;
  held(now: number): number;
};

type Sum = { spent: number; held: number };
type Sub = Sum & { newest: number };

/** Where a window's name ends in `2026-11-21T12:00:00`. */
const CUT = { minute: 16, hour: 13, day: 10, month: 7 } as const;
const INDIA_MS = 19_800_000;

/** Every window there has ever been, with what was spent and held in it. */
const calendarOracle = ({ per = "day", max, timezone }: LimitRule): Count => {
  const sums = new Map<string, Sum>();
  const nameAt = (now: number): string =>
    new Date(now + (timezone === "UTC" ? 0 : INDIA_MS)).toISOString().slice(0, CUT[per]);
  const sumOf = (name: string): Sum => {
    const sum = sums.get(name) ?? { spent: 0, held: 0 };
    sums.set(name, sum);
    return sum;
  };
  const at = (now: number): Sum => sumOf(nameAt(now));
  return {
    fits: (amount, now) => at(now).spent + at(now).held + amount <= max,
    take(amount, now) {
      at(now).held += amount;
      return nameAt(now);
    },
    replace(window, held, actual) {
      sumOf(window).held -= held;
      sumOf(window).spent += actual;
    },
    used: (now) => at(now).spent,
    held: (now) => at(now).held,
  };
};

const SUB_WINDOWS = 60;

/** A sub-window counts until its newest taking is a period old. What ends late counts at its sub-window's end. */
const slidingOracle = ({ per, max }: LimitRule): Count => {
  const period = LENGTH_MS[per as "hour"];
  const length = period / SUB_WINDOWS;
  const subs = new Map<number, Sub>();
  const living = (now: number): Sub[] =>
    [...subs.values()].filter(
      ({ newest, spent, held }) => newest > now - period && spent + held > 0,
    );
  const total = (now: number): number =>
    living(now).reduce((sum, { spent, held }) => sum + spent + held, 0);
  const isLiving = (sub: Sub | undefined, now: number): sub is Sub =>
    sub !== undefined && living(now).includes(sub);
  return {
    fits: (amount, now) => total(now) + amount <= max,
    take(amount, now) {
      const index = Math.floor(now / length);
      const sub = subs.get(index);
      if (isLiving(sub, now)) {
        sub.held += amount;
        sub.newest = now;
      } else subs.set(index, { spent: 0, held: amount, newest: now });
      return String(index);
    },
    replace(window, held, actual, now) {
      const index = Number(window);
      const sub = subs.get(index);
      if (isLiving(sub, now)) {
        // What was held in a sub-window that was over, and came back by what ended late, is not held in it.
        sub.held = Math.max(0, sub.held - held);
        sub.spent += actual;
        return;
      }
      const newest = Math.min(now, (index + 1) * length - 1);
      if (held === 0 && actual > 0 && newest > now - period) {
        subs.set(index, { spent: actual, held: 0, newest });
      }
    },
    used: (now) => living(now).reduce((sum, { spent }) => sum + spent, 0),
    held: (now) => living(now).reduce((sum, { held }) => sum + held, 0),
  };
};

/** The token bucket: what is free, in parts of one amount so small that nothing is ever rounded. */
const bucketOracle = ({ per, max, burst }: LimitRule, start: number): Count => {
  const period = BigInt(LENGTH_MS[per as "hour"]);
  const full = BigInt(burst) * period;
  let free = full;
  let last = start;
  let open = 0;
  const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
  const refill = (now: number): void => {
    free = least(full, free + BigInt(max) * BigInt(now - last));
    last = now;
  };
  const taken = (now: number): number => {
    refill(now);
    return Number((full - free + period - 1n) / period);
  };
  return {
    fits(amount, now) {
      refill(now);
      return free >= BigInt(amount) * period;
    },
    take(amount, now) {
      refill(now);
      free -= BigInt(amount) * period;
      open += amount;
      return "";
    },
    replace(_window, held, actual, now) {
      refill(now);
      free = least(full, free + BigInt(held - actual) * period);
      open -= held;
    },
    used: (now) => taken(now) - Math.min(open, taken(now)),
    held: (now) => Math.min(open, taken(now)),
  };
};

/** The moment at which the queue is empty, in parts of a millisecond. A turn is given back by the last alone. */
const leakyOracle = ({ per, max, maxWaitMs }: LimitRule): Count => {
  const period = BigInt(LENGTH_MS[per as "hour"]);
  const rate = BigInt(max);
  let empty = 0n;
  let turns = 0;
  const atOf = (now: number): bigint => BigInt(now) * rate;
  const queue = (now: number): bigint => (empty > atOf(now) ? empty - atOf(now) : 0n);
  return {
    fits: (amount, now) => amount <= max && queue(now) <= BigInt(maxWaitMs) * rate,
    take(amount, now) {
      empty = atOf(now) + queue(now) + BigInt(amount) * period;
      turns += 1;
      return String(turns);
    },
    replace(window, held, actual, now) {
      if (actual < held && window !== String(turns)) return;
      const left = queue(now) + BigInt(actual - held) * period;
      empty = atOf(now) + (left > 0n ? left : 0n);
    },
    used: (now) => Number((queue(now) + period - 1n) / period),
    held: () => 0,
  };
};

const slotsOracle = ({ max }: LimitRule): Count => {
  let open = 0;
  return {
    fits: (amount) => open + amount <= max,
    take(amount) {
      open += amount;
      return "";
    },
    replace(_window, held, actual) {
      open += actual - held;
    },
    used: () => 0,
    held: () => open,
  };
};

export const oracleOf = (rule: LimitRule, start: number): Count => {
  switch (rule.kind) {
    case "calendar":
      return calendarOracle(rule);
    case "sliding":
      return slidingOracle(rule);
    case "bucket":
      return bucketOracle(rule, start);
    case "leaky":
      return leakyOracle(rule);
    case "slots":
      return slotsOracle(rule);
  }
};
