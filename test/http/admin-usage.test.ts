import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { LedgerRow } from "../../src/domain/ledger-row.ts";
import { usageRoutes } from "../../src/http/admin/usage.ts";
import { createUsageConsumer } from "../../src/platform/usage.ts";
import { createUsageReports } from "../../src/platform/usage-report.ts";
import { migrated } from "../platform/tenants-database.ts";
import { type AdminCall, adminPlane } from "../support/admin-plane.ts";
import { ARRIVAL, ledgerRow } from "../support/ledger-rows.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = ARRIVAL + 5 * MINUTE;
const USD = 1_000_000_000;

let db: D1Database;
let ask: AdminCall;
beforeAll(async () => {
  db = await migrated();
  ask = adminPlane(usageRoutes, { usage: createUsageReports({ db }) }, () => NOW);
});
beforeEach(async () => {
  await db.batch(
    ["rows", "hours", "sizes", "waits", "tallies", "denials"].map((name) =>
      db.prepare(`DELETE FROM usage_${name}`),
    ),
  );
});

let made = 0;
const used = (...rows: Partial<LedgerRow>[]) =>
  createUsageConsumer({ db }).apply(
    rows.map((row) => {
      made += 1;
      return { kind: "row", row: ledgerRow(`req_${made}`, row) };
    }),
  );
const refused = (org: string | null, count: number) => {
  made += 1;
  return createUsageConsumer({ db }).apply([
    {
      kind: "denials",
      id: `tally_${made}`,
      denials: [
        {
          hour: ARRIVAL - (ARRIVAL % HOUR),
          org,
          status: 429,
          code: "budget_held",
          rule: "",
          count,
        },
      ],
    },
  ]);
};
type Group = { readonly key: Record<string, string>; readonly [figure: string]: unknown };
const groupsOf = async (query: string): Promise<Group[]> =>
  (await ask("GET", `/usage?${query}`)).body["groups"] as Group[];

describe("GET /usage", () => {
  it("reports zeros where nothing was used", async () => {
    const { status, body } = await ask("GET", "/usage");
    expect(status).toBe(200);
    expect(body).toEqual({
      from: "2026-11-20T14:00:00.000Z",
      to: "2026-11-21T14:30:00.000Z",
      ...{ total_cost_usd: 0, total_requests: 0, cached_requests: 0, failed_requests: 0 },
      ...{ denied_requests: 0, estimated_requests: 0, unpriced_requests: 0, cache_hit_rate: 0 },
      ...{ cost_saved_by_cache_usd: 0, average_cost_usd: 0, forecast_month_usd: 0 },
      ...{ token_efficiency: 0, groups: [] },
    });
  });

  it("adds up what was used, saved, failed and refused", async () => {
    await used(
      { cost_nano_usd: 100_000_000 },
      { cost_nano_usd: 200_000_000, input_tokens: 200, delivered_tokens: 30 },
      { cache: "hit", cost_nano_usd: 0, saved_nano_usd: 50_000_000, attempts: 0 },
      { status: 502, error_code: "upstream_error", cost_nano_usd: 0, output_tokens: null },
      { estimated: true, cost_nano_usd: null },
    );
    await refused("acme", 3);
    await refused(null, 2);
    expect((await ask("GET", "/usage?hours=1")).body).toMatchObject({
      ...{ total_cost_usd: 0.3, total_requests: 5, cached_requests: 1, failed_requests: 1 },
      ...{ denied_requests: 5, estimated_requests: 1, unpriced_requests: 1, cache_hit_rate: 0.2 },
      ...{ cost_saved_by_cache_usd: 0.05, average_cost_usd: 0.06 },
      // 50 + 30 + 50 + 50 reached a caller, of 600 read and 200 written.
      token_efficiency: 230 / 800,
    });
    expect((await ask("GET", "/usage?org=acme")).body).toMatchObject({ denied_requests: 3 });
    expect((await ask("GET", "/usage?key=k1")).body).toMatchObject({ denied_requests: null });
  });

  it("groups by dimensions and tags, the dearest first, all shares together one", async () => {
    await used(
      { cost_nano_usd: 1 * USD, tags: { feature: "docs" } },
      { cost_nano_usd: 4 * USD, tags: { feature: "chat" }, model: "small" },
      { cost_nano_usd: 2 * USD, tags: { feature: "docs" } },
      { cost_nano_usd: 1 * USD, model: null },
    );
    const figures = { tokens: 150, input_tokens: 100, output_tokens: 50 };
    expect(await groupsOf("group_by=model,feature")).toEqual([
      {
        key: { model: "small", feature: "chat" },
        ...{ requests: 1, ...figures, cost_usd: 4, share: 0.5 },
      },
      {
        key: { model: "large", feature: "docs" },
        ...{ requests: 2, tokens: 300, input_tokens: 200, output_tokens: 100 },
        ...{ cost_usd: 3, share: 0.375 },
      },
      {
        key: { model: "unknown", feature: "unknown" },
        ...{ requests: 1, ...figures, cost_usd: 1, share: 0.125 },
      },
    ]);
  });

  it.each<[string, Partial<LedgerRow>, Record<string, string>]>([
    ["model", { model: "small" }, { model: "small" }],
    ["provider", { provider: null }, { provider: "unknown" }],
    ["org", {}, { org: "acme" }],
    ["team", { team: null }, { team: "unknown" }],
    ["user", { user: "ann@example.com" }, { user: "ann@example.com" }],
    ["key", {}, { key: "k1" }],
    ["hour", {}, { hour: "2026-11-21T14:00:00.000Z" }],
    ["day", {}, { day: "2026-11-21" }],
    ["canary", { canary: { id: "try", arm: "candidate" } }, { canary: "try:candidate" }],
    [
      "shadow",
      {
        shadow: [
          { section: "limits", decision: "deny" },
          { section: "cache", decision: "hit" },
        ],
      },
      { shadow: "cache:hit,limits:deny" },
    ],
    ["feature", { tags: { feature: 'a "b"' } }, { feature: 'a "b"' }],
    ["tag:model", { tags: { model: "mine" } }, { "tag:model": "mine" }],
    ["model,tag:model", {}, { model: "large", "tag:model": "unknown" }],
    ["status", { tags: { status: "new" } }, { status: "new" }],
  ])("groups by %s", async (names, row, key) => {
    await used(row);
    expect((await groupsOf(`group_by=${names}`)).map((group) => group.key)).toEqual([key]);
  });

  it.each([
    ["org=acme", 3],
    ["org=other", 1],
    ["org=acme&team=search", 2],
    ["team=ads", 1],
    ["key=k2", 1],
    ["user=ann", 1],
    ["org=&team=&key=&user=", 4],
  ])("counts for %s alone", async (query, requests) => {
    await used({ user: "ann" }, { key: "k2" }, { team: "ads" }, { org: "other", team: null });
    expect((await ask("GET", `/usage?${query}`)).body).toMatchObject({ total_requests: requests });
  });

  it.each([
    ["hours=1", 2, "2026-11-21T13:00:00.000Z", "2026-11-21T14:30:00.000Z"],
    ["hours=26", 3, "2026-11-20T12:00:00.000Z", "2026-11-21T14:30:00.000Z"],
    ["from=2026-11-21&to=2026-11-21T13:00:00Z", 0, "2026-11-21T00:00:00.000Z", undefined],
    ["from=2026-11-20&to=2026-11-21", 1, "2026-11-20T00:00:00.000Z", "2026-11-21T00:00:00.000Z"],
    [`from=${ARRIVAL}`, 1, "2026-11-21T14:00:00.000Z", "2026-11-21T14:30:00.000Z"],
    [`from=${Math.floor(ARRIVAL / 1_000)}`, 1, "2026-11-21T14:00:00.000Z", undefined],
    [`from=${ARRIVAL - 50 * MINUTE}&to=${ARRIVAL}`, 2, undefined, "2026-11-21T15:00:00.000Z"],
    ["to=2026-11-21T15:30:00%2B01:00&hours=1", 2, undefined, "2026-11-21T15:00:00.000Z"],
  ])("covers whole hours for %s", async (query, requests, from, to) => {
    await used({}, { at: ARRIVAL - HOUR }, { at: ARRIVAL - 26 * HOUR });
    const { body } = await ask("GET", `/usage?${query}`);
    expect(body).toMatchObject({
      total_requests: requests,
      ...(from !== undefined && { from }),
      ...(to !== undefined && { to }),
    });
  });

  it("carries the window's rate on to the month's end, beside what the month has cost", async () => {
    const day = 24 * HOUR;
    await used(
      { cost_nano_usd: 2 * USD },
      { cost_nano_usd: 5 * USD, at: ARRIVAL - 10 * day },
      { cost_nano_usd: 100 * USD, at: Date.UTC(2026, 9, 31, 23) },
    );
    const { body } = await ask("GET", "/usage?hours=24");
    // 2 USD in 24.5 hours, and the month goes on for 9 days, 9 hours and a half.
    expect(body["forecast_month_usd"]).toBeCloseTo(7 + (2 / 24.5) * (9 * 24 + 9.5), 6);
  });

  it.each([
    ["hours=0", "hours"],
    ["hours=8785", "hours"],
    ["hours=1&from=2026-11-20", "hours"],
    ["from=yesterday", "from"],
    ["from=2026-11-22", "from"],
    ["from=2020-01-01", "from"],
    ["to=2026-11-21T14:00:00", "to"],
    ["group_by=Model", "group_by"],
    ["group_by=model,", "group_by"],
    ["group_by=a,b,c,d,e,f,g,h,i", "group_by"],
    ["group_by=tag:x%22y", "group_by"],
    ["format=xml", "format"],
    ["org=No", "org"],
  ])("refuses %s, naming %s and what is wanted there", async (query, param) => {
    const { status, error } = await ask("GET", `/usage?${query}`);
    expect([status, error["code"], error["param"]]).toEqual([400, "invalid_parameter", param]);
    const [first] = error["details"] as { readonly message: string }[];
    // That it could have been left empty is no help.
    expect(first?.message).not.toContain('expected ""');
  });

  it("refuses what it does not know", async () => {
    const { error } = await ask("GET", "/usage?by=model");
    expect([error["code"], error["param"]]).toEqual(["unknown_field", "by"]);
  });

  it("is a table that no spreadsheet runs", async () => {
    await used(
      { tags: { feature: "=1+1" }, cost_nano_usd: 1_500 },
      { tags: { feature: 'a,"b"' }, cost_nano_usd: 500 },
    );
    const { text, headers } = await ask("GET", "/usage?group_by=feature&format=csv");
    expect(headers.get("content-type")).toContain("text/csv");
    expect(text).toBe(
      [
        "feature,requests,tokens,input_tokens,output_tokens,cost_usd,share",
        "'=1+1,1,150,100,50,0.0000015,0.75",
        '"a,""b""",1,150,100,50,0.0000005,0.25',
        "",
      ].join("\r\n"),
    );
  });

  it("is a table of one line where nothing is grouped", async () => {
    await used({}, {});
    const { text } = await ask("GET", "/usage?format=csv");
    expect(text.split("\r\n")[1]).toBe("2,300,200,100,0.002,1");
  });

  it("is for those who may read usage", async () => {
    expect((await ask("GET", "/usage", undefined, "keys:read")).status).toBe(403);
  });
});
