/**
 * Decides: what is asked of an organisation's account before a request may run, and what it answers.
 * Never: says how; that is admit.ts.
 */

import type { ShadowDecision } from "../../domain/ledger-row.ts";
import type { Cost, LimitRule, LimitUnit } from "../../domain/limit.ts";
import type { Charge } from "./book.ts";

/** One target that the request may go to, and what it would be held for there. */
export type Option = { readonly model: string; readonly cost: Cost; readonly floor: Charge };

/** The plan from a share of spent budget on; the first begins at 0. */
export type Way = { readonly from: number; readonly options: readonly [Option, ...Option[]] };

export type Admission = {
  /** The request's id: asking twice is asking once. */
  readonly id: string;
  readonly rules: readonly LimitRule[];
  /** A kept answer may yet be found: whoever asks counts a refusal that would not stand in its way. */
  readonly mayBeGiven?: boolean;
  /** By rising `from`. */
  readonly ways: readonly [Way, ...Way[]];
  /** Milliseconds since the epoch: when the request will be over at the latest. */
  readonly deadline: number;
  /** Under which equal requests find each other while they are under way; no word of what they ask. */
  readonly flight?: string;
};

/** How near a limit the request came: for headers. `resetMs`: until nothing is used any more. */
export type Nearness = {
  readonly limit: number;
  readonly remaining: number;
  readonly resetMs: number;
};

export type Admitted = {
  readonly ok: true;
  /** Which of the ways. */
  readonly way: number;
  /** The options that no limit has closed, in their order; the first is held for. */
  readonly models: readonly [string, ...string[]];
  readonly held: Cost;
  /** Milliseconds until its turn. */
  readonly waitMs: number;
  readonly requests: Nearness | undefined;
  readonly tokens: Nearness | undefined;
  /** A budget that is nearly spent, as the header says it: `team;used=0.83`. */
  readonly warning: string | undefined;
  /** The limits that came near for the first time in their windows. */
  readonly warned: readonly string[];
  readonly shadow: readonly ShadowDecision[];
  /** Of equal requests the id of the one that goes ahead: this one, or another for which nothing is held here. */
  readonly ahead?: string;
};

/** Admitted on the first way, with all its options, where nothing is near and nothing has to wait. */
export const plainlyAdmitted = ({ ways: [{ options }] }: Admission): Admitted => {
  const [first, ...others] = options;
  return {
    ok: true,
    way: 0,
    models: [first.model, ...others.map(({ model }) => model)],
    held: first.cost,
    waitMs: 0,
    requests: undefined,
    tokens: undefined,
    warning: undefined,
    warned: [],
    shadow: [],
  };
};

/** The limit that stands in the way most. */
export type Denied = {
  readonly ok: false;
  readonly code:
    | "request_exceeds_limit"
    | "budget_exceeded"
    | "budget_held"
    | "rate_limit_requests"
    | "rate_limit_tokens"
    | "rate_limit_concurrency";
  /** 429 instead of 402 for budgets, where the policy says so. */
  readonly status: 402 | 429 | 400;
  readonly retryAfterMs: number | undefined;
  readonly level: string;
  readonly unit: LimitUnit;
  readonly per: string | undefined;
  /** In the unit; nano-USD for usd. */
  readonly limit: number;
  /** Of rates what is held counts as used; of budgets it is not spent yet. */
  readonly used: number;
  readonly remaining: number;
  /** Milliseconds since the epoch. */
  readonly resetsAt: number;
};

/** The limit as tallies and headers name it. */
export const nameOf = ({ level, unit, per }: Pick<Denied, "level" | "unit" | "per">): string =>
  per === undefined ? `${level}/${unit}` : `${level}/${unit}/${per}`;
