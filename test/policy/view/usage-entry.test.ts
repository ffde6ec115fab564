import { describe, expect, it } from "vitest";
import type { LedgerRow } from "../../../src/domain/ledger-row.ts";
import { usageEntry } from "../../../src/policy/view/usage-entry.ts";
import { ARRIVAL, ledgerRow } from "../../support/ledger-rows.ts";

const entry = (more: Partial<LedgerRow> = {}) => usageEntry(ledgerRow("a", more));

describe("usageEntry", () => {
  it("counts a row in the hour in which its request arrived", () => {
    const hour = Date.UTC(2026, 10, 21, 14);
    expect(entry()).toMatchObject({ at: ARRIVAL, hour });
    expect(entry({ at: hour })).toMatchObject({ hour });
    expect(entry({ at: hour - 1 })).toMatchObject({ hour: hour - 3_600_000 });
  });

  it.each<[string, Partial<LedgerRow>, number, number]>([
    ["a success", {}, 0, 0],
    ["a 5xx", { status: 503, error_code: "shedding" }, 1, 0],
    ["a fault of the caller", { status: 400, error_code: "invalid_json" }, 0, 0],
    ["a caller who left", { status: 499, error_code: null }, 0, 0],
    ["a stream that broke", { error_code: "stream_interrupted" }, 0, 1],
    ["a stream ended by the caller's own fault", { error_code: "request_timeout" }, 0, 0],
    ["a stream ended by what only a newer version knows", { error_code: "of_tomorrow" }, 0, 1],
  ])("tells of %s whether it failed or broke", (_, row, failed, broken) => {
    expect(entry(row)).toMatchObject({ failed, broken });
  });

  it.each<[LedgerRow["cache"], number]>([
    ["hit", 1],
    ["semantic", 1],
    ["miss", 0],
    ["bypass", 0],
    ["off", 0],
  ])("counts %s as cached %d times", (cache, cached) => {
    expect(entry({ cache })).toMatchObject({ cached });
  });

  it("leaves figures out of what shadow decisions are called", () => {
    const found = (decision: string) =>
      entry({ shadow: [{ section: "cache.semantic", decision }] }).shadow;
    expect(found("hit:0.97")).toBe("cache.semantic:hit");
    expect(found("hit:0.97")).toBe(found("hit:1"));
  });

  it("gives equal tags and equal shadow decisions one name, whatever their order", () => {
    const one = { section: "limits", decision: "deny" };
    const two = { section: "cache", decision: "hit" };
    const a = entry({ tags: { b: "2", a: "1" }, shadow: [one, two] });
    const b = entry({ tags: { a: "1", b: "2" }, shadow: [two, one] });
    expect([a.tags, a.shadow]).toEqual([b.tags, b.shadow]);
    expect([a.tags, a.shadow]).toEqual(['{"a":"1","b":"2"}', "cache:hit,limits:deny"]);
  });

  it("knows a price that is missing from one that is zero, where tokens were used", () => {
    expect(entry({ cost_nano_usd: null })).toMatchObject({ unpriced: 1, cost: 0 });
    expect(entry({ cost_nano_usd: 0 })).toMatchObject({ unpriced: 0, cost: 0 });
    const nothing = { cost_nano_usd: null, input_tokens: 0, output_tokens: null };
    expect(entry(nothing)).toMatchObject({ unpriced: 0 });
  });

  it("takes all output for delivered where nothing else is known", () => {
    expect(entry({ delivered_tokens: null })).toMatchObject({ delivered_tokens: 50 });
    expect(entry({ delivered_tokens: 0 })).toMatchObject({ delivered_tokens: 0 });
  });

  it("counts whole numbers alone, of a row of another version too", () => {
    const strange = {
      ...{ request_id: "a", version: 1, at: ARRIVAL, org: "acme", status: 200 },
      ...{ input_tokens: 1.6, output_tokens: Number.NaN, latency_ms: -3, gateway_ms: 1.2 },
    } as unknown as LedgerRow;
    const counted = usageEntry(strange);
    expect(counted).toMatchObject({ input_tokens: 2, output_tokens: 0, latency: 0, tags: "{}" });
    const figures = Object.values(counted).filter((value) => typeof value === "number");
    expect(figures.every(Number.isSafeInteger)).toBe(true);
    expect(Object.values(counted)).not.toContain(undefined);
  });
});
