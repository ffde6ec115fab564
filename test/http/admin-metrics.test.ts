import { beforeAll, describe, expect, it } from "vitest";
import { SLO } from "../../src/domain/config/defaults.ts";
import { metricRoutes } from "../../src/http/admin/metrics.ts";
import { createUsageConsumer } from "../../src/platform/usage.ts";
import { createUsageReports } from "../../src/platform/usage-report.ts";
import { migrated } from "../platform/tenants-database.ts";
import { type AdminCall, adminPlane } from "../support/admin-plane.ts";
import { ARRIVAL, ledgerRow } from "../support/ledger-rows.ts";

const HOUR = 3_600_000;
const hour = ARRIVAL - (ARRIVAL % HOUR);

let ask: AdminCall;
beforeAll(async () => {
  const db = await migrated();
  ask = adminPlane(metricRoutes, { usage: createUsageReports({ db }) }, () => ARRIVAL);
  const rows = [
    ledgerRow("a", { latency_ms: 100, gateway_ms: 4 }),
    ledgerRow("b", { latency_ms: 300, gateway_ms: 4, fallback_from: "small" }),
    ledgerRow("c", { status: 200, error_code: "stream_interrupted", provider: "south" }),
    ledgerRow("d", { status: 503, error_code: "no_healthy_upstream", provider: "south" }),
    ledgerRow("e", { status: 499, provider: "south", latency_ms: null, gateway_ms: null }),
    ledgerRow("f", { cache: "hit", cost_nano_usd: 0, latency_ms: 2, gateway_ms: 400 }),
    ledgerRow("g", { org: "other", provider: null, status: 400, error_code: "invalid_json" }),
  ];
  const refusal = { hour, status: 429, code: "rate_limit_requests", rule: "key/requests/minute" };
  await createUsageConsumer({ db }).apply([
    ...rows.map((row) => ({ kind: "row", row }) as const),
    {
      kind: "denials",
      id: "one",
      denials: [
        { ...refusal, org: "acme", count: 4 },
        { ...refusal, hour: hour - HOUR, org: "acme", count: 1 },
        { hour, org: null, status: 401, code: "invalid_api_key", rule: "", count: 5 },
      ],
    },
  ]);
});

describe("GET /metrics", () => {
  it("tells an organisation's requests, providers, refusals and promises", async () => {
    const { status, body } = await ask("GET", "/metrics?org=acme");
    expect(status).toBe(200);
    expect(body).toEqual({
      ...{ total_requests: 6, cached_requests: 1, failed_requests: 1, denied_requests: 5 },
      ...{ cache_hit_rate: 1 / 6, avg_latency_ms: 400, total_cost: 0.005 },
      providers: {
        north: {
          ...{ requests: 2, failures: 0, success_rate: 1, avg_latency_ms: 200 },
          ...{ total_tokens: 300, total_cost: 0.002 },
        },
        south: {
          ...{ requests: 3, failures: 2, success_rate: 1 - 2 / 3, avg_latency_ms: 800 },
          ...{ total_tokens: 450, total_cost: 0.003 },
        },
      },
      slo: {
        gateway_p99_ms: { value: expect.any(Number), target: SLO.gateway_p99_ms, ok: false },
        cache_hit_rate: { value: 1 / 6, target: SLO.cache_hit_rate, ok: true },
        fallback_rate: { value: 1 / 5, target: SLO.fallback_rate, ok: false },
        rejection_rate: { value: 5 / 11, target: SLO.rejection_rate, ok: false },
        model_success_rate: { value: 1 - 2 / 5, target: SLO.model_success_rate, ok: false },
      },
      denials: [
        { status: 429, code: "rate_limit_requests", rule: "key/requests/minute", requests: 5 },
      ],
    });
    const slo = body["slo"] as Record<string, { value: number }>;
    expect(Math.abs((slo["gateway_p99_ms"]?.value ?? 0) / 400 - 1)).toBeLessThan(0.02);
  });

  it("counts everybody where no organisation is named", async () => {
    const { body } = await ask("GET", "/metrics?hours=1");
    expect(body).toMatchObject({ total_requests: 7, denied_requests: 10 });
    expect(body["denials"]).toHaveLength(2);
  });

  it("breaks no promise where nothing happened", async () => {
    const { body } = await ask("GET", "/metrics?org=none");
    expect(body).toMatchObject({ total_requests: 0, avg_latency_ms: null, providers: {} });
    const slo = Object.values(body["slo"] as Record<string, object>);
    expect(slo).toHaveLength(5);
    for (const promise of slo) expect(promise).toMatchObject({ value: null, ok: true });
  });
});
