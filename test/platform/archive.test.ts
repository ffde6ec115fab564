import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { RETENTION } from "../../src/domain/config/defaults.ts";
import type { LedgerRow } from "../../src/domain/ledger-row.ts";
import { exportRows } from "../../src/platform/archive.ts";
import { prune } from "../../src/platform/archive-prune.ts";
import { createUsageConsumer } from "../../src/platform/usage.ts";
import { ARRIVAL, ledgerRow } from "../support/ledger-rows.ts";
import { migrated } from "./tenants-database.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = ARRIVAL + 2 * HOUR;

let db: D1Database;
beforeAll(async () => {
  db = await migrated();
});
beforeEach(async () => {
  const names = ["rows", "hours", "sizes", "waits", "tallies", "denials", "exports"];
  await db.batch(names.map((name) => db.prepare(`DELETE FROM usage_${name}`)));
});

const store = (...rows: LedgerRow[]) =>
  createUsageConsumer({ db }).apply(rows.map((row) => ({ kind: "row", row })));

/** A bucket that keeps what it is given; `fails` says of which writes it fails, and after what. */
const bucketOf = (fails: (write: number) => "before" | "after" | undefined = () => undefined) => {
  const objects = new Map<string, string>();
  let writes = 0;
  const put = async (name: string, text: string) => {
    writes += 1;
    const fault = fails(writes);
    if (fault === "before") throw new Error("not written");
    objects.set(name, text);
    if (fault === "after") throw new Error("written, but who knows");
    return null;
  };
  return { objects, bucket: { put } as unknown as Pick<R2Bucket, "put"> };
};

type Objects = ReadonlyMap<string, string>;
const rowsIn = (objects: Objects) =>
  [...objects.values()].flatMap((text) =>
    text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as LedgerRow),
  );
const idsIn = (objects: Objects) =>
  rowsIn(objects)
    .map((row) => row.request_id)
    .sort();

describe("exportRows", () => {
  it("writes each settled row once, a day to an object, and the others not yet", async () => {
    const { bucket, objects } = bucketOf();
    const kept = [ledgerRow("a"), ledgerRow("b", { at: ARRIVAL - DAY }), ledgerRow("c")];
    await store(...kept, ledgerRow("d", { at: NOW - RETENTION.settled_ms }));
    expect(await exportRows({ db, bucket, now: NOW })).toBe(3);
    expect(await exportRows({ db, bucket, now: NOW })).toBe(0);
    expect(rowsIn(objects).sort((a, b) => (a.request_id < b.request_id ? -1 : 1))).toEqual(kept);
    const names = [...objects.keys()].sort();
    expect(names).toEqual([
      expect.stringMatching(/^ledger\/2026\/11\/20\/142500-[0-9a-f]{16}\.ndjson$/),
      expect.stringMatching(/^ledger\/2026\/11\/21\/142500-[0-9a-f]{16}\.ndjson$/),
    ]);
    expect(await exportRows({ db, bucket, now: NOW + 1 })).toBe(1);
  });

  it("writes a row again that has changed since", async () => {
    const { bucket, objects } = bucketOf();
    await store(ledgerRow("a"), ledgerRow("b"));
    await exportRows({ db, bucket, now: NOW });
    await store(ledgerRow("a", { version: 2, cost_nano_usd: 7 }), ledgerRow("b"));
    expect(await exportRows({ db, bucket, now: NOW })).toBe(1);
    const versions = rowsIn(objects).map((row) => `${row.request_id}${row.version}`);
    expect(versions.sort()).toEqual(["a1", "a2", "b1"]);
  });

  it.each(["before", "after"] as const)(
    "goes on under the same names where it was ended %s a write",
    async (moment) => {
      const { bucket, objects } = bucketOf((write) => (write === 2 ? moment : undefined));
      await store(ledgerRow("a", { at: ARRIVAL - DAY }), ledgerRow("b"), ledgerRow("c"));
      await expect(exportRows({ db, bucket, now: NOW })).rejects.toThrow();
      await store(ledgerRow("late"));
      await exportRows({ db, bucket, now: NOW });
      expect(idsIn(objects)).toEqual(["a", "b", "c", "late"]);
      expect(objects.size).toBe(3);
    },
  );

  it("does not lose a row that changes between two tries", async () => {
    const { bucket, objects } = bucketOf((write) => (write === 1 ? "after" : undefined));
    await store(ledgerRow("a"), ledgerRow("b"));
    await expect(exportRows({ db, bucket, now: NOW })).rejects.toThrow();
    await store(ledgerRow("a", { version: 2 }));
    await exportRows({ db, bucket, now: NOW });
    const versions = rowsIn(objects).map((row) => `${row.request_id}${row.version}`);
    expect(versions.sort()).toEqual(["a2", "b1"]);
  });

  it("writes every row once where two run at the same time", async () => {
    const { bucket, objects } = bucketOf();
    await store(...Array.from({ length: 30 }, (_, at) => ledgerRow(`r${at}`, { at: at * DAY })));
    await Promise.all([exportRows({ db, bucket, now: NOW }), exportRows({ db, bucket, now: NOW })]);
    expect(objects.size).toBe(30);
    expect(new Set(idsIn(objects)).size).toBe(30);
  });
});

describe("prune", () => {
  const counted = async (table: string) =>
    db.prepare(`SELECT count(*) AS n FROM usage_${table}`).first<number>("n");
  const later = ARRIVAL + RETENTION.rows_ms + 1;

  it("removes old rows that are in the archive, and no sums with them", async () => {
    await store(ledgerRow("a"), ledgerRow("b", { at: ARRIVAL + 2 }));
    await exportRows({ db, bucket: bucketOf().bucket, now: later });
    expect(await prune({ db, now: later })).toBe(1);
    expect([await counted("rows"), await counted("hours")]).toEqual([1, 1]);
    expect(await db.prepare("SELECT requests FROM usage_hours").first("requests")).toBe(2);
  });

  it("keeps what the archive has not, or has in an older version", async () => {
    const { bucket } = bucketOf((write) => (write === 2 ? "after" : undefined));
    await store(ledgerRow("a"));
    await exportRows({ db, bucket, now: NOW });
    await store(ledgerRow("a", { version: 2 }), ledgerRow("b"));
    expect(await prune({ db, now: later })).toBe(0);
    await expect(exportRows({ db, bucket, now: NOW })).rejects.toThrow();
    expect(await prune({ db, now: later })).toBe(0);
    await exportRows({ db, bucket, now: NOW });
    expect(await prune({ db, now: later })).toBe(2);
  });

  it("forgets sums, tallies and names of objects in the end", async () => {
    const denial = { hour: ARRIVAL, org: null, status: 401, code: "x", rule: "", count: 1 };
    await createUsageConsumer({ db }).apply([
      { kind: "row", row: ledgerRow("a") },
      { kind: "row", row: ledgerRow("b", { at: ARRIVAL + HOUR }) },
      { kind: "denials", id: "t", denials: [denial] },
    ]);
    await exportRows({ db, bucket: bucketOf().bucket, now: later });
    const end = ARRIVAL + RETENTION.sums_ms + 2 * HOUR;
    await prune({ db, now: end });
    for (const table of ["rows", "hours", "sizes", "waits", "tallies", "denials", "exports"]) {
      expect([table, await counted(table)]).toEqual([table, 0]);
    }
  });
});
