import * as fc from "fast-check";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { USAGE } from "../../src/domain/config/defaults.ts";
import type { LedgerRow } from "../../src/domain/ledger-row.ts";
import type { UsageMessage } from "../../src/domain/usage-message.ts";
import { createUsageConsumer } from "../../src/platform/usage.ts";
import { HOUR_MS, usageEntry } from "../../src/policy/view/usage-entry.ts";
import { ARRIVAL, ledgerRow } from "../support/ledger-rows.ts";
import { migrated } from "./tenants-database.ts";

let db: D1Database;
beforeAll(async () => {
  db = await migrated();
});
beforeEach(async () => {
  await db.batch(
    ["rows", "hours", "sizes", "waits", "tallies", "denials"].map((name) =>
      db.prepare(`DELETE FROM usage_${name}`),
    ),
  );
});

const message = (row: LedgerRow): UsageMessage => ({ kind: "row", row });
const apply = (...messages: UsageMessage[]) => createUsageConsumer({ db }).apply(messages);
const all = async <T>(sql: string): Promise<T[]> => (await db.prepare(sql).all<T>()).results;

const SUMS = ["failed", "broken", "fallback", "estimated", "unpriced", "input_tokens"] as const;
const MORE = ["output_tokens", "delivered_tokens", "lost_tokens", "cost", "saved"] as const;
const TIMES = ["timed", "latency"] as const;
const COUNTED = [...SUMS, ...MORE, ...TIMES];
const NAMES = ["hour", "org", "team", "user", "key", "model", "provider", "canary"] as const;
const ALL_NAMES = [...NAMES, "shadow", "tags", "cached"] as const;

const newest = (rows: readonly LedgerRow[]) => {
  const best = new Map<string, LedgerRow>();
  for (const row of rows) {
    const known = best.get(row.request_id);
    if (known === undefined || row.version > known.version) best.set(row.request_id, row);
  }
  return [...best.values()].map(usageEntry);
};

const expectedWaits = (rows: readonly LedgerRow[]) => {
  const counts: Record<string, number> = {};
  for (const { gateway_bucket: bucket } of newest(rows)) {
    if (bucket !== null) counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  return counts;
};

/** What the sums have to be, made from nothing but the newest version of each row. */
const expectedHours = (rows: readonly LedgerRow[]) => {
  const hours = new Map<string, Record<string, unknown>>();
  for (const entry of newest(rows)) {
    const name = JSON.stringify(ALL_NAMES.map((each) => entry[each]));
    const sums = hours.get(name);
    hours.set(name, {
      ...Object.fromEntries(ALL_NAMES.map((each) => [each, entry[each]])),
      requests: Number(sums?.["requests"] ?? 0) + 1,
      ...Object.fromEntries(COUNTED.map((each) => [each, Number(sums?.[each] ?? 0) + entry[each]])),
    });
  }
  return sorted([...hours.values()]);
};

const sorted = (rows: readonly object[]): readonly string[] =>
  rows.map((row) => JSON.stringify(row)).sort();

const storedHours = async () =>
  sorted(
    await all<object>(
      `SELECT ${[...ALL_NAMES, "requests", ...COUNTED].join(", ")} FROM usage_hours`,
    ),
  );

const storedWaits = async () =>
  Object.fromEntries(
    (
      await all<{ bucket: number; count: number }>(
        "SELECT bucket, sum(requests) AS count FROM usage_waits GROUP BY bucket",
      )
    ).map(({ bucket, count }) => [bucket, count]),
  );

/** Few names, so that rows meet; every figure, so that a lost one shows. */
const anyRow: fc.Arbitrary<LedgerRow> = fc
  .record({
    request_id: fc.constantFrom("a", "b", "c", "d"),
    version: fc.integer({ min: 1, max: 4 }),
    hours: fc.integer({ min: 0, max: 1 }),
    team: fc.constantFrom(null, "search"),
    model: fc.constantFrom(null, "large", "small"),
    tags: fc.constantFrom<Record<string, string>>({}, { feature: "docs" }),
    status: fc.constantFrom(200, 400, 502),
    cost_nano_usd: fc.option(fc.nat(1_000_000_000_000), { nil: null }),
    output_tokens: fc.option(fc.nat(10_000), { nil: null }),
    gateway_ms: fc.option(fc.nat(400), { nil: null }),
    cache: fc.constantFrom<LedgerRow["cache"]>("hit", "semantic", "miss", "off"),
  })
  // Of one version of a request there is one row, however often it comes.
  .map(({ hours, ...more }) =>
    ledgerRow(more.request_id, { ...more, at: ARRIVAL + hours * HOUR_MS }),
  );

const oneRowAVersion = (rows: readonly LedgerRow[]): LedgerRow[] => [
  ...new Map(rows.map((row) => [`${row.request_id}/${row.version}`, row])).values(),
];

describe("createUsageConsumer", () => {
  it("makes the same sums of any order, any batches and any repetition", async () => {
    const runs = fc.asyncProperty(
      fc.array(anyRow, { minLength: 1, maxLength: 12 }),
      fc.array(fc.nat(1_000), { minLength: 24, maxLength: 24 }),
      fc.integer({ min: 1, max: 6 }),
      async (drawn, keys, size) => {
        await db.batch(
          ["rows", "hours", "sizes", "waits"].map((name) =>
            db.prepare(`DELETE FROM usage_${name}`),
          ),
        );
        const rows = oneRowAVersion(drawn);
        const twice = [...rows, ...rows]
          .map((row, at) => ({ row, key: keys[at] ?? 0 }))
          .sort((a, b) => a.key - b.key)
          .map(({ row }) => message(row));
        for (let at = 0; at < twice.length; at += size) await apply(...twice.slice(at, at + size));
        const hours = await storedHours();
        expect(hours).toEqual(expectedHours(rows));
        const sizes = await all<{ size: number }>("SELECT sum(size) AS size FROM usage_sizes");
        expect(sizes[0]?.size).toBe(hours.length);
        expect(await storedWaits()).toEqual(expectedWaits(rows));
      },
    );
    await fc.assert(runs, { numRuns: 60 });
  });

  it("keeps the newest version of a row whole, with what it does not know", async () => {
    const later = { ...ledgerRow("a", { version: 2, status: 502 }), of_tomorrow: { x: 1 } };
    await apply(message(later));
    await apply(message(ledgerRow("a")));
    const [row] = await all<{ document: string; version: number }>("SELECT * FROM usage_rows");
    expect(row?.version).toBe(2);
    expect(JSON.parse(row?.document ?? "")).toEqual(later);
  });

  it("moves a request's wait with its version", async () => {
    await apply(message(ledgerRow("a", { gateway_ms: 5 })));
    const before = await storedWaits();
    await apply(message(ledgerRow("a", { version: 2, gateway_ms: 300 })));
    const after = await storedWaits();
    expect(Object.values(before)).toEqual([1]);
    expect(Object.values(after)).toEqual([1]);
    expect(Object.keys(after)).not.toEqual(Object.keys(before));
  });

  it("applies a hundred rows, twice as well as once", async () => {
    const rows = Array.from({ length: 100 }, (_, at) =>
      message(ledgerRow(`r${at}`, { tags: { text: "x".repeat(64) }, user: `u${at % 7}` })),
    );
    await apply(...rows);
    await apply(...rows.toReversed());
    expect(await all("SELECT sum(requests) AS n, count(*) AS groups FROM usage_hours")).toEqual([
      { n: 100, groups: 7 },
    ]);
  });

  it("splits what is too long for one parameter", async () => {
    const long = "é".repeat(100_000);
    const rows = Array.from({ length: 12 }, (_, at) =>
      message({ ...ledgerRow(`r${at}`), prompt_hash: long }),
    );
    await apply(...rows);
    expect(await all("SELECT count(*) AS n FROM usage_rows")).toEqual([{ n: 12 }]);
  });

  it("applies nothing of a batch of which a part fails", async () => {
    const bad = {
      kind: "denials",
      id: "bad",
      denials: [{ hour: 0, org: null, status: 401, code: "x", rule: "", count: "many" }],
    } as unknown as UsageMessage;
    await expect(apply(message(ledgerRow("a")), bad)).rejects.toThrow();
    expect(await all("SELECT count(*) AS n FROM usage_rows")).toEqual([{ n: 0 }]);
    expect(await storedHours()).toEqual([]);
  });

  it("leaves sums alone where rows are removed", async () => {
    await apply(message(ledgerRow("a")));
    const before = await storedHours();
    await db.prepare("DELETE FROM usage_rows").run();
    expect(await storedHours()).toEqual(before);
  });

  it("counts users and tags beyond the bound together, but those it knows for themselves", async () => {
    await apply(message(ledgerRow("a", { user: "known", tags: { feature: "docs" } })));
    await db.prepare(`UPDATE usage_sizes SET size = ${USAGE.most_sums}`).run();
    await apply(
      message(ledgerRow("b", { user: "known", tags: { feature: "docs" } })),
      message(ledgerRow("c", { user: "new" })),
      message(ledgerRow("d", { user: "newer", tags: { feature: "x" } })),
      message(ledgerRow("e", { model: "small" })),
    );
    await apply(message(ledgerRow("c", { version: 2, user: "new", cost_nano_usd: 7 })));
    const groups = await all(
      "SELECT user, tags, model, requests, cost FROM usage_hours ORDER BY user, tags, model",
    );
    const cost = 1_000_000;
    expect(groups).toEqual([
      { user: "", tags: "{}", model: "small", requests: 1, cost },
      { user: "*", tags: "*", model: "large", requests: 1, cost },
      { user: "*", tags: "{}", model: "large", requests: 1, cost: 7 },
      { user: "known", tags: '{"feature":"docs"}', model: "large", requests: 2, cost: 2 * cost },
    ]);
  });
});

describe("tallies of denials", () => {
  const tally = (id: string, count: number): UsageMessage => ({
    kind: "denials",
    id,
    denials: [
      { hour: 0, org: "acme", status: 429, code: "rate_limit_requests", rule: "key", count },
      { hour: 0, org: null, status: 401, code: "invalid_api_key", rule: "", count: 1 },
      { hour: 0, org: "acme", status: 429, code: "rate_limit_requests", rule: "key", count: 1 },
    ],
  });

  it("count once each, in any order", async () => {
    await apply(tally("two", 20), tally("one", 3), tally("two", 20));
    await apply(tally("one", 3));
    expect(await all("SELECT * FROM usage_denials ORDER BY org")).toEqual([
      { hour: 0, org: "", status: 401, code: "invalid_api_key", rule: "", count: 2 },
      { hour: 0, org: "acme", status: 429, code: "rate_limit_requests", rule: "key", count: 25 },
    ]);
  });
});
