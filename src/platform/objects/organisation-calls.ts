/**
 * Decides: what isolates may ask of an organisation's object. Plain data, safe to repeat: every call names
 * what it is about by an id of the caller's.
 * Never: answers; organisation.ts does.
 */
import type { DenialTally, LedgerRow } from "../../domain/ledger-row.ts";
import type { Cost, LimitRule } from "../../domain/limit.ts";
import type { Revisions } from "../../domain/tenant.ts";
import type { Extension } from "../../policy/limits/account.ts";
import type { Admission, Admitted, Denied, Nearness } from "../../policy/limits/admission.ts";
import type { Seen } from "../../policy/limits/book.ts";
import type { Actual } from "../../policy/limits/came-to.ts";
import type { Standing } from "../../policy/limits/counter.ts";
import type { Drawn, Leasing } from "../../policy/limits/lease.ts";

/** Whose request it is, as the isolate knows him. */
export type Principal = {
  readonly org: string;
  readonly tenant: string;
  readonly key: string;
  readonly lineage: string;
  readonly team: string | undefined;
  /** The user that the key belongs to. */
  readonly user: string | undefined;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number | undefined;
  readonly revisions: Revisions;
};

/** What the object says of a key. `stale`: the isolate knows an older key, policy or organisation than it does. */
export type Judgement = "live" | "revoked" | "stale";

export type AdmitCall = {
  readonly principal: Principal;
  readonly admission: Admission;
  /** The ledger row as far as it is known, for the case that nobody tells the end. JSON. */
  readonly facts: string;
  /** Ends are on their way that the object may not have: a refusal that they may undo is asked for again. */
  readonly mayAskAgain?: boolean;
};

export type AdmitAnswer = (
  | Admitted
  | Denied
  | { readonly ok: false; readonly code: Exclude<Judgement, "live"> }
) & {
  /** Under which the key was judged to be live; of those that are admitted. */
  readonly edition?: string;
  /** As `end` says it, of the ends that came along. */
  readonly relied?: readonly string[];
};

/** `owner`: the lineage of the key for which the block was asked; another's request may have been drawn from it. */
export type DrawnFrom = Drawn & { readonly owner: string };

export type EndCall = {
  readonly id: string;
  readonly lineage: string;
  /** Where the isolate admitted it out of a block. */
  readonly drawn: DrawnFrom | undefined;
  readonly actual: Actual;
  readonly row: LedgerRow;
};

/** A request that an isolate has admitted out of a block and that still runs. */
export type DrawCall = {
  readonly drawn: DrawnFrom;
  readonly lineage: string;
  readonly facts: string;
};

export type LeaseCall = {
  readonly principal: Principal;
  readonly leasing: Leasing;
  /** The row that stands for the block if nobody gives it back. JSON. */
  readonly facts: string;
};

/** What an isolate may admit by itself; as near to its limits as the object sees them. */
export type Block = {
  readonly cost: Cost;
  readonly requests: Nearness | undefined;
  readonly tokens: Nearness | undefined;
  /** Keys that were judged under another one may not be admitted out of it. */
  readonly edition: string;
};

/** One rule as the admin plane and the holder of a key see it. */
export type RuleView = { readonly rule: LimitRule } & Standing;

export type LimitsView = {
  readonly rules: readonly RuleView[];
  /** Requests in flight, and how many of them hold a slot. */
  readonly reservations: number;
  readonly slots: number;
};

/** Nano-USD of one key. */
export type SpendView = { readonly today: number; readonly month: number };

/** Something that admission reads has changed in the database. */
export type Change = {
  /** `key:ID`, `team:ID`, `user:ID` or `org`. */
  readonly entity: string;
  /** Undefined where it is gone. */
  readonly revision: number | undefined;
  /** Until when, in milliseconds since the epoch, what was true before may still be relied on; undefined: no longer. */
  readonly until?: number | undefined;
};

export type OrganisationCalls = {
  /** `ends`: what the isolate has not been acknowledged yet; it counts before the question does. */
  admit(call: AdmitCall, ends: readonly EndCall[]): Promise<AdmitAnswer>;
  /** Undefined where every request has to ask. */
  lease(call: LeaseCall): Promise<Block | undefined>;
  /** Gives a block back; `running`: what was admitted out of it and has not ended. */
  giveBack(id: string, running: readonly DrawCall[]): Promise<void>;
  /** `draw`: where it was admitted out of a block. */
  extend(id: string, extension: Extension, draw?: DrawCall): Promise<boolean>;
  /** What was seen so far; false where the request is not held any more. */
  progress(id: string, seen: Seen): Promise<boolean>;
  /** The ids of those on whose answers others elsewhere rely; undefined: of none. */
  end(ends: readonly EndCall[]): Promise<readonly string[] | undefined>;
  deny(denials: readonly DenialTally[]): Promise<void>;
  row(id: string): Promise<LedgerRow | undefined>;
  /** Newest first; `before`: milliseconds since the epoch and the last id seen. */
  newest(
    limit: number,
    before?: { readonly at: number; readonly id: string },
  ): Promise<readonly LedgerRow[]>;
  standings(rules: readonly LimitRule[]): Promise<readonly Standing[]>;
  spend(lineage: string): Promise<SpendView>;
  /** Whether the key is what the isolate takes it for; what it did not know of it, it has looked up by then. */
  judge(principal: Principal): Promise<Judgement>;
  limits(): Promise<LimitsView>;
  /** Resolves when no isolate can admit by what was true before. */
  changed(changes: readonly Change[]): Promise<void>;
};
