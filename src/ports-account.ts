/**
 * Decides: what the pipeline may ask of the account of a caller's organisation: limits, holds, the ledger.
 * Never: says where it is kept. A part of ports.ts, which joins it to the others.
 */
import type { Result } from "./base/result.ts";
import type { LedgerRow } from "./domain/ledger-row.ts";
import type { LimitRule } from "./domain/limit.ts";
import type { Caller } from "./domain/tenant.ts";
import type { Extension } from "./policy/limits/account.ts";
import {
  type Admission,
  type Admitted,
  type Denied,
  plainlyAdmitted,
} from "./policy/limits/admission.ts";
import type { Seen } from "./policy/limits/book.ts";
import type { Actual } from "./policy/limits/came-to.ts";
import type { Standing } from "./policy/limits/counter.ts";

/** Whether a request may run. `stale`: the caller's record is older than a change that has been made. */
export type Admittance =
  | Admitted
  | Denied
  | { readonly ok: false; readonly code: "revoked" }
  | { readonly ok: false; readonly code: "stale" }
  | { readonly ok: false; readonly code: "unavailable"; readonly retryAfterMs: number };

/** The account of the caller's organisation: limits, holds and the ledger. */
export type Limiter = {
  /** `facts`: the row as it is known by now, for the case that nobody tells the end. */
  admit(caller: Caller, admission: Admission, facts: LedgerRow): Admittance | Promise<Admittance>;
  /** For one more attempt; false: it must not be made. */
  extend(caller: Caller, id: string, extension: Extension): Promise<boolean>;
  /** What was seen so far; renews slots. Takes no time. */
  progress(caller: Caller, id: string, seen: Seen): void;
  /** Puts what a request came to in the place of what was held. Takes no time, and is not lost. */
  end(caller: Caller, row: LedgerRow, actual: Actual): void;
  /**
   * Counts a refusal that was not counted where it was decided. `place` undefined: nobody knows whose it was.
   * `rule`: the limit that has refused, as `nameOf` says it; undefined where none has.
   */
  denied(place: Caller | undefined, status: number, code: string, rule?: string): void;
};
/** Where nothing is counted, everything is admitted. */
export const noLimiter: Limiter = {
  admit: (_, admission) => plainlyAdmitted(admission),
  extend: async () => true,
  progress: () => {},
  end: () => {},
  denied: () => {},
};

/** What a caller may ask of his own account. */
export type OwnAccount = {
  /** `stale`: the caller's record is older than a change that has been made. */
  judge(caller: Caller): Promise<Result<"live" | "revoked" | "stale", "unavailable">>;
  /** Undefined where there is none, or where it is another key's. */
  row(caller: Caller, requestId: string): Promise<Result<LedgerRow | undefined, "unavailable">>;
  standing(
    caller: Caller,
    rules: readonly LimitRule[],
  ): Promise<
    Result<
      {
        readonly standings: readonly Standing[];
        /** Nano-USD. */
        readonly today: number;
        readonly month: number;
      },
      "unavailable"
    >
  >;
};
