/**
 * Decides: how a row of the ledger is shown, to operators and to the key's own holder (contract.md section 3).
 * Never: shows money as anything but USD, or a field that the contract does not name.
 */
import { usd } from "../../base/money.ts";
import type { LedgerRow } from "../../domain/ledger-row.ts";
import { canaryName } from "./usage-entry.ts";

const usdOrNull = (nano: number | null): number | null => (nano === null ? null : usd(nano));

/** `at` in ISO 8601; `canary` as `id:arm`, as in groups of the usage; money in USD. Null is "not known". */
export const shownRow = (row: LedgerRow) => ({
  request_id: row.request_id,
  client_request_id: row.client_request_id,
  at: new Date(row.at).toISOString(),
  org: row.org,
  team: row.team,
  user: row.user,
  key: row.key,
  tags: row.tags,
  requested_model: row.requested_model,
  model: row.model,
  upstream_model: row.upstream_model,
  provider: row.provider,
  route: row.route,
  canary: canaryName(row.canary),
  status: row.status,
  error_code: row.error_code,
  stream: row.stream,
  input_tokens: row.input_tokens,
  cached_input_tokens: row.cached_input_tokens,
  cache_write_tokens: row.cache_write_tokens,
  output_tokens: row.output_tokens,
  reasoning_tokens: row.reasoning_tokens,
  cost_usd: usdOrNull(row.cost_nano_usd),
  estimated: row.estimated,
  latency_ms: row.latency_ms,
  first_token_ms: row.first_token_ms,
  gateway_ms: row.gateway_ms,
  cache: row.cache,
  similarity: row.similarity,
  saved_usd: usd(row.saved_nano_usd),
  attempts: row.attempts,
  fallback_from: row.fallback_from,
  recovered: row.recovered,
  shadow: row.shadow,
  prompt_hash: row.prompt_hash,
  message_count: row.message_count,
  config_version: row.config_version,
  price_version: row.price_version,
});
