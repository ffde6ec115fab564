import { describe, expect, it } from "vitest";
import { shownRow } from "../../../src/policy/view/ledger-row.ts";
import { ledgerRow } from "../../support/ledger-rows.ts";

// contract.md section 3, literally.
const FIELDS =
  `request_id, client_request_id, at, org, team, user, key, tags, requested_model, model,
  upstream_model, provider, route, canary, status, error_code, stream, input_tokens,
  cached_input_tokens, cache_write_tokens, output_tokens, reasoning_tokens, cost_usd, estimated,
  latency_ms, first_token_ms, gateway_ms, cache, similarity, saved_usd, attempts, fallback_from,
  recovered, shadow, prompt_hash, message_count, config_version, price_version`.split(/,\s+/);

describe("shownRow", () => {
  it("has the contract's fields, in its order, and no others", () => {
    expect(Object.keys(shownRow(ledgerRow("a")))).toEqual(FIELDS);
  });

  it("tells money in USD without float noise, and an unknown price as null", () => {
    const row = ledgerRow("a", { cost_nano_usd: 300_000_001, saved_nano_usd: 1 });
    expect(shownRow(row)).toMatchObject({ cost_usd: 0.300000001, saved_usd: 0.000000001 });
    expect(shownRow(ledgerRow("a", { cost_nano_usd: null })).cost_usd).toBeNull();
    expect(shownRow(ledgerRow("a", { cost_nano_usd: 0 })).cost_usd).toBe(0);
  });

  it("tells times as ISO 8601 and canaries by one name", () => {
    const row = ledgerRow("a", { canary: { id: "try", arm: "baseline" } });
    expect(shownRow(row)).toMatchObject({
      at: "2026-11-21T14:25:00.000Z",
      canary: "try:baseline",
    });
    expect(shownRow(ledgerRow("a")).canary).toBeNull();
  });
});
