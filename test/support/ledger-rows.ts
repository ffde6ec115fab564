/**
 * Decides: what a row of the ledger looks like where a test does not say otherwise.
 * Never: is drawn at random; see `anyRow` in the laws for that.
 */
import type { LedgerRow } from "../../src/domain/ledger-row.ts";

/** Saturday, 21 November 2026, 14:25 UTC. */
export const ARRIVAL = Date.UTC(2026, 10, 21, 14, 25);

export const ledgerRow = (request_id: string, more: Partial<LedgerRow> = {}): LedgerRow => ({
  request_id,
  version: 1,
  client_request_id: null,
  at: ARRIVAL,
  endpoint: "chat",
  org: "acme",
  team: "search",
  user: null,
  key: "k1",
  tags: {},
  requested_model: "large",
  model: "large",
  upstream_model: "large-2026",
  provider: "north",
  route: "direct",
  canary: null,
  status: 200,
  error_code: null,
  stream: false,
  input_tokens: 100,
  cached_input_tokens: 20,
  cache_write_tokens: 0,
  output_tokens: 50,
  reasoning_tokens: 10,
  lost_tokens: 0,
  delivered_tokens: 50,
  cost_nano_usd: 1_000_000,
  estimated: false,
  latency_ms: 800,
  first_token_ms: 200,
  gateway_ms: 5,
  cache: "miss",
  similarity: null,
  saved_nano_usd: 0,
  attempts: 1,
  fallback_from: null,
  recovered: null,
  shadow: [],
  prompt_hash: null,
  message_count: 1,
  config_version: 3,
  price_version: null,
  ...more,
});
