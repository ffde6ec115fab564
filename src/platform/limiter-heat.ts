/**
 * Decides: which sets of rules are met often enough in this isolate for a block, by whatever keys, and when the next
 * one is asked for.
 * Never: asks for it.
 */
import { remember } from "../base/remember.ts";
import type { LedgerRow } from "../domain/ledger-row.ts";
import type { Cost, LimitRule } from "../domain/limit.ts";
import { LEASE_MS } from "../policy/limits/times.ts";
import type { Block, DrawCall } from "./objects/organisation-calls.ts";
import type { Place } from "./organisation-reach.ts";

/** What was admitted out of a block, with the row as it was known then. */
export type Drawing = Omit<DrawCall, "facts"> & { readonly facts: LedgerRow };

/** A block, and what was admitted out of it whose end the object does not know. */
export type Held = {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly until: number;
  readonly block: Block;
  /** The lineage of the key for which it was asked. */
  readonly owner: string;
  left: Cost;
  readonly running: Map<string, Drawing>;
};

/** One set of rules of one organisation. Times in milliseconds since the epoch. */
export type Heat = {
  since: number;
  count: number;
  /** Of the second before this one. */
  before: number;
  askedAt: number | undefined;
  refusedAt: number;
  blocks: Held[];
};

/** Admissions within a second from which on a block is worth asking for. */
const HOT = 10;
const SECOND_MS = 1_000;
/** The next block is asked for when this part of the time or of the requests is left. */
const REFILL_AT = 0.5;
/** Milliseconds. An asking that is not answered by then died with the request that it hung on. */
const OVERDUE_MS = 5_000;
/** Sets of rules that are looked at; each costs some hundred bytes. */
const MOST_SETS = 1_000;

/** A maximum that was changed makes it another set of rules: its block would be of the old one. */
const nameOf = ({ tenant }: Place, rules: readonly LimitRule[]): string =>
  rules.reduce((name, { id, max }) => `${name}\n${id}:${max}`, tenant);

const isLow = ({ blocks }: Heat, now: number): boolean =>
  blocks.every(
    ({ until, left, block }) =>
      until - now < LEASE_MS * REFILL_AT || left.requests < block.cost.requests * REFILL_AT,
  );

export const createHeat = () => {
  const heats = new Map<string, Heat>();
  /** A key's rules are mostly the very list that they were before; the empty one may be everybody's. */
  const latest = new WeakMap<
    readonly LimitRule[],
    { readonly tenant: string; readonly heat: Heat }
  >();

  const named = (place: Place, rules: readonly LimitRule[], now: number): Heat => {
    const name = nameOf(place, rules);
    const known = heats.get(name);
    if (known !== undefined) return known;
    const heat: Heat = {
      since: now,
      count: 0,
      before: 0,
      askedAt: undefined,
      refusedAt: 0,
      blocks: [],
    };
    remember(heats, name, heat, MOST_SETS);
    return heat;
  };

  return {
    of(place: Place, rules: readonly LimitRule[], now: number): Heat {
      const { tenant } = place;
      const found = latest.get(rules);
      if (found?.tenant === tenant) return found.heat;
      const heat = named(place, rules, now);
      latest.set(rules, { tenant, heat });
      return heat;
    },
    /** Counts one admission. Where there is a block it stays hot until that is over. */
    isHot(heat: Heat, now: number): boolean {
      if (now - heat.since > SECOND_MS) {
        heat.before = now - heat.since > 2 * SECOND_MS ? 0 : heat.count;
        heat.since = now;
        heat.count = 0;
      }
      // Whoever was to give one back may have been killed with the request that he hung on.
      if (heat.blocks.some(({ until }) => until <= now)) {
        heat.blocks = heat.blocks.filter(({ until }) => now < until);
      }
      heat.count += 1;
      return heat.count >= HOT || heat.blocks.length > 0;
    },
    /** Requests in a block: what its life may bring, if it goes on like this; twice of it where it has just begun. */
    expected: ({ count, before }: Heat): number =>
      (before === 0 ? 2 * count : Math.max(count, before)) * (LEASE_MS / SECOND_MS),
    wantsBlock(heat: Heat, now: number): boolean {
      if (heat.askedAt !== undefined && now - heat.askedAt < OVERDUE_MS) return false;
      return heat.count >= HOT && now - heat.refusedAt > SECOND_MS && isLow(heat, now);
    },
  };
};
