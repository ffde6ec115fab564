/**
 * Decides: what the ledger says of a request whose end nobody told.
 * Never: says that it is exact.
 */
import type { LedgerRow } from "../../domain/ledger-row.ts";
import { EXPIRED_VERSION } from "./account.ts";
import type { Charge } from "./book.ts";

/** `facts`: the row as it stood at admission; `floor`: the input's part of what is charged. */
export const expiredRow = (facts: LedgerRow, floor: Charge, charged: Charge): LedgerRow => ({
  ...facts,
  version: EXPIRED_VERSION,
  status: 500,
  error_code: "internal_error",
  input_tokens: Math.min(floor.tokens, charged.tokens),
  output_tokens: Math.max(0, charged.tokens - floor.tokens),
  cost_nano_usd: charged.nanoUsd,
  estimated: true,
});
