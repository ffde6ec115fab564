/**
 * Decides: what a row of the ledger looks like where a test does not say otherwise.
 * Never: is drawn at random; see `anyRow` in the laws for that.
 */
import type { LedgerRow } from "../../src/domain/ledger-row.ts";

/** Saturday, 21 November 2026, 14:25 UTC. */
export const ARRIVAL = Date.UTC(2026, 10, 21, 14, 25);

/** Of a request that has begun: nothing is known of its answer yet. */
export const begunRow = (request_id: string, more: Partial<LedgerRow> = {}): LedgerRow => ({
  request_id,
  version: 0,
  client_request_id: null,
  at: ARRIVAL,
  endpoint: "chat",
  org: "acme",
  team: null,
  user: null,
  key: "k1",
  tags: {},
  requested_model: "m",
  model: "m",
  upstream_model: null,
  provider: "p",
  route: "direct",
  canary: null,
  status: 200,
  error_code: null,
  stream: false,
  input_tokens: null,
  cached_input_tokens: null,
  cache_write_tokens: null,
  output_tokens: null,
  reasoning_tokens: null,
  lost_tokens: 0,
  delivered_tokens: null,
  cost_nano_usd: null,
  estimated: false,
  latency_ms: null,
  first_token_ms: null,
  gateway_ms: null,
  cache: "off",
  similarity: null,
  saved_nano_usd: 0,
  attempts: 1,
  fallback_from: null,
  recovered: null,
  shadow: [],
  prompt_hash: null,
  message_count: null,
  config_version: 1,
  price_version: null,
  ...more,
});

/** Of a request that has ended well. */
export const ledgerRow = (request_id: string, more: Partial<LedgerRow> = {}): LedgerRow =>
  begunRow(request_id, {
    ...{ version: 1, team: "search", config_version: 3, message_count: 1, cache: "miss" },
    ...{
      requested_model: "large",
      model: "large",
      upstream_model: "large-2026",
      provider: "north",
    },
    ...{ input_tokens: 100, cached_input_tokens: 20, cache_write_tokens: 0, output_tokens: 50 },
    ...{ reasoning_tokens: 10, delivered_tokens: 50, cost_nano_usd: 1_000_000 },
    ...{ latency_ms: 800, first_token_ms: 200, gateway_ms: 5 },
    ...more,
  });
