/**
 * Decides: what travels through the queue, at least once and in any order.
 * Never: says something whose repetition would count twice.
 */
import type { DenialTally, LedgerRow } from "./ledger-row.ts";

export type UsageMessage =
  /** Applied by (request_id, version). */
  | { readonly kind: "row"; readonly row: LedgerRow }
  /** Applied by `id`. */
  | { readonly kind: "denials"; readonly id: string; readonly denials: readonly DenialTally[] };
