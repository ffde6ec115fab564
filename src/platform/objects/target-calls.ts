/**
 * Decides: what isolates and the object of a target say to each other.
 * Never: carries contents of requests; a state is the machine's own JSON.
 */
import type { BreakerRules, QuotaRule } from "../../domain/target.ts";
import type { Lease } from "../../policy/resilience/breaker-state.ts";
import type { Amount, Grant, QuotaLeft } from "../../policy/resilience/quota.ts";
import type { News, TargetState } from "./target-machine.ts";
import type { Stats } from "./target-stats.ts";

/** The rules as the asking isolate's configuration has them; the object keeps none of its own. */
export type Rules = { readonly breaker: BreakerRules; readonly limits: readonly QuotaRule[] };

/** What a call at `when` used beyond what had been taken of the quota for it. */
export type Correction = { readonly org: string; readonly when: number; readonly by: Amount };

export type Report = {
  readonly rules: Rules;
  /** Who reports: an isolate's random name. */
  readonly isolate: string;
  /** Calls that it has under way. */
  readonly inFlight: number;
  readonly news: readonly News[];
  readonly stats: Stats;
  readonly corrections: readonly Correction[];
};

export type Snapshot = {
  readonly state: TargetState;
  /** Calls that other isolates have under way. */
  readonly inFlightElsewhere: number;
  readonly quota: readonly QuotaLeft[];
  /** Milliseconds since the epoch at which there is quota again; undefined: there is some. */
  readonly quotaFreeAt: number | undefined;
  /** Milliseconds until the first token of the fastest half, and of all but the slowest twentieth. */
  readonly firstTokenP50: number | undefined;
  readonly firstTokenP95: number | undefined;
};

export type Probe = { readonly lease: Lease | undefined; readonly state: TargetState };

export type Taking = {
  readonly rules: Rules;
  readonly org: string;
  readonly need: Amount;
  readonly more: Amount;
};

/** The object as an isolate sees it. Each of these may fail, and may have happened although it failed. */
export type TargetCalls = {
  report(report: Report): Promise<Snapshot>;
  /** Without a lease somebody else is the probe, or it is too early, or none is needed. */
  probe(rules: Rules, leaseMs: number): Promise<Probe>;
  renew(rules: Rules, epoch: number, leaseMs: number): Promise<void>;
  take(taking: Taking): Promise<Grant>;
};

/** The object as an operator sees it. */
export type TargetAdminCalls = {
  /** `revision` counts an operator's wishes: an older one that comes late changes nothing. */
  force(rules: Rules, to: "closed" | "isolated" | "auto", revision: number): Promise<void>;
  look(rules: Rules): Promise<TargetView>;
};

export type TargetView = {
  readonly state: TargetState;
  readonly quota: readonly QuotaLeft[];
  readonly stats: Stats;
};
