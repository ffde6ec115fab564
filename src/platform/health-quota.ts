/**
 * Decides: which calls an isolate admits from the blocks of a provider's quota that it holds.
 * Never: admits beyond a block while the object can be asked, or uses one after its two seconds.
 */
import { within } from "../base/clock.ts";
import type { Amount } from "../policy/resilience/quota.ts";
import { BLOCK_LIFE_MS } from "../policy/resilience/quota.ts";
import type { Mirror } from "./health-mirror.ts";
import type { HealthParts } from "./health-parts.ts";

/** Milliseconds. */
const TAKE_WITHIN = 250;
/** A refusal is believed no longer than a snapshot: somebody may have given something back. */
const BELIEVED = 1_000;

/** What a call took; `at`: milliseconds since the epoch, undefined where nobody keeps count. */
export type Took = { readonly at: number | undefined };

export type QuotaGate = {
  /** Undefined: no quota is left. */
  take(org: string, need: Amount): Took | undefined | Promise<Took | undefined>;
  /** Gives back what was taken for a call that is not made after all. */
  giveBack(org: string, need: Amount, took: Took): void;
  /** Milliseconds since the epoch until which nobody gets any; undefined where that is not known. */
  fullUntil(): number | undefined;
};

/** Organisations whose blocks are held at once. */
const MOST_HELD = 1_000;

type Holding = {
  /** By the object's clock: what corrections name. */
  at: number;
  /** By ours, when it was asked for: its life began no earlier. */
  since: number;
  left: Amount;
  /** Used since then: what the next block is measured by. */
  spent: Amount;
  /** Until when a refusal is repeated without asking. */
  refusedUntil: number;
};

const NONE: Amount = { requests: 0, tokens: 0 };
const plus = (a: Amount, b: Amount, times = 1): Amount => ({
  requests: a.requests + times * b.requests,
  tokens: a.tokens + times * b.tokens,
});
const holds = (left: Amount, need: Amount): boolean =>
  left.requests >= need.requests && left.tokens >= need.tokens;
const isSome = ({ requests, tokens }: Amount): boolean => requests > 0 || tokens > 0;

export const createQuotaGate = (parts: HealthParts, mirror: Mirror): QuotaGate => {
  const { clock } = parts;
  const holdings = new Map<string, Holding>();
  let full = { believedUntil: 0, until: 0 };

  /** What is left of a block goes back to the object before it is forgotten. */
  const forget = (org: string, holding: Holding): void => {
    if (isSome(holding.left)) {
      mirror.correct({ org, when: holding.at, by: plus(NONE, holding.left, -1) });
    }
    holding.left = NONE;
  };

  const held = (org: string, now: number): Holding => {
    const known = holdings.get(org);
    if (known !== undefined) return known;
    const [oldest] = holdings;
    if (holdings.size >= MOST_HELD && oldest !== undefined) {
      forget(...oldest);
      holdings.delete(oldest[0]);
    }
    const made = { at: now, since: now, left: NONE, spent: NONE, refusedUntil: 0 };
    holdings.set(org, made);
    return made;
  };

  const ask = async (org: string, need: Amount, holding: Holding): Promise<Took | undefined> => {
    const since = clock.now();
    const elapsed = Math.max(1, since - holding.since);
    const rate = Math.min(1, BLOCK_LIFE_MS / elapsed);
    const more = {
      requests: Math.floor(holding.spent.requests * rate),
      tokens: Math.floor(holding.spent.tokens * rate),
    };
    const taking = { rules: mirror.rules(), org, need, more };
    const grant = await within(clock, TAKE_WITHIN, () => mirror.object().take(taking));
    // Who counts cannot be asked: the provider will say by itself when it is too much.
    if (grant === undefined) return { at: undefined };
    if (!grant.granted) {
      const soonest = clock.now() + BELIEVED;
      holding.refusedUntil = Math.min(soonest, grant.until ?? soonest);
      const believedUntil = holding.refusedUntil;
      if (grant.toAll) full = { believedUntil, until: grant.until ?? believedUntil };
      return undefined;
    }
    forget(org, holding);
    Object.assign(holding, {
      ...{ at: grant.at, since, left: plus(grant.amount, need, -1) },
      ...{ spent: need, refusedUntil: 0 },
    });
    return { at: grant.at };
  };

  return {
    take: (org, need) => {
      const now = clock.now();
      const holding = held(org, now);
      if (now < holding.refusedUntil) return undefined;
      if (now - holding.since >= BLOCK_LIFE_MS) forget(org, holding);
      if (!holds(holding.left, need)) return ask(org, need, holding);
      holding.left = plus(holding.left, need, -1);
      holding.spent = plus(holding.spent, need);
      return { at: holding.at };
    },
    giveBack: (org, need, { at }) => {
      if (at !== undefined) mirror.correct({ org, when: at, by: plus(NONE, need, -1) });
    },
    fullUntil: () => (clock.now() < full.believedUntil ? full.until : undefined),
  };
};
