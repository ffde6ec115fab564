/**
 * Decides: what a limit is once it is known for whom it counts, and what a request takes of limits.
 * Never: counts; the ways of counting are policy/limits.
 */

export type LimitUnit = "requests" | "tokens" | "usd" | "concurrent";
export type LimitKind = "bucket" | "sliding" | "leaky" | "calendar" | "slots";
export type LimitPeriod = "minute" | "hour" | "day" | "month";
export type LimitLevel = "org" | "team" | "user" | "key" | `tag:${string}`;

/** One rule of one policy for one subject (this team, this key): it has a count of its own. */
export type LimitRule = {
  /** Where it stands, whom it counts, and what: never its maximum, so that an edit keeps the count. */
  readonly id: string;
  readonly level: LimitLevel;
  /** The organisation, team, end user, lineage of keys, or value of the tag. */
  readonly subject: string;
  readonly unit: LimitUnit;
  readonly kind: LimitKind;
  /** Undefined for slots alone. */
  readonly per: LimitPeriod | undefined;
  /** Whole requests, tokens or slots; nano-USD for usd. */
  readonly max: number;
  /** Bucket: what may come at once, in the rule's unit. */
  readonly burst: number;
  /** Leaky: how long a request may be made to wait. Milliseconds. */
  readonly maxWaitMs: number;
  /** Calendar: IANA name. */
  readonly timezone: string;
  /** `shadow` decides and is recorded; it refuses nobody. */
  readonly mode: "on" | "shadow";
  /** The share of the limit from which a warning is given, 0..1. */
  readonly soft: number;
  /** Holds are true upper bounds; undefined bounds and prices are refused. */
  readonly strict: boolean;
  readonly budgetStatus: 402 | 429;
  readonly storeDown: "closed" | "open_local";
  readonly store: "object" | "upstash";
  /** Patterns: holds for these targets only; undefined: for the whole request. */
  readonly models: readonly string[] | undefined;
};

/** What a request takes, or is held for it. Whole numbers; `slots` is 1 while it runs. */
export type Cost = {
  readonly requests: number;
  readonly tokens: number;
  readonly nanoUsd: number;
  readonly slots: number;
};

export const NO_COST: Cost = { requests: 0, tokens: 0, nanoUsd: 0, slots: 0 };

/** A request and nothing else, for as long as it runs. */
export const ONE_REQUEST: Cost = { ...NO_COST, requests: 1, slots: 1 };

export const plusCost = (a: Cost, b: Cost): Cost => ({
  requests: a.requests + b.requests,
  tokens: a.tokens + b.tokens,
  nanoUsd: a.nanoUsd + b.nanoUsd,
  slots: a.slots + b.slots,
});

/** The part of a cost that a rule counts, in the rule's own unit. */
export const amountFor = ({ unit }: Pick<LimitRule, "unit">, cost: Cost): number => {
  switch (unit) {
    case "requests":
      return cost.requests;
    case "tokens":
      return cost.tokens;
    case "usd":
      return cost.nanoUsd;
    case "concurrent":
      return cost.slots;
  }
};
