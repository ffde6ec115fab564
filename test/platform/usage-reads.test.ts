import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { LedgerRow } from "../../src/domain/ledger-row.ts";
import { createUsageConsumer } from "../../src/platform/usage.ts";
import { createLedger, type FreshRows } from "../../src/platform/usage-reads.ts";
import { ARRIVAL, ledgerRow } from "../support/ledger-rows.ts";
import { migrated, noFreshRows } from "./tenants-database.ts";

let db: D1Database;
beforeAll(async () => {
  db = await migrated();
});
beforeEach(async () => {
  await db.prepare("DELETE FROM usage_rows").run();
});

const store = (...rows: LedgerRow[]) =>
  createUsageConsumer({ db }).apply(rows.map((row) => ({ kind: "row", row })));
const ids = (rows: readonly LedgerRow[]) => rows.map((row) => row.request_id);

/** An object that holds `rows`, as objects promise to tell them. */
const objectWith = (...rows: LedgerRow[]): FreshRows => ({
  row: async (id) => rows.find((row) => row.request_id === id),
  newest: async (org, limit, before) =>
    rows
      .filter((row) => row.org === org)
      .filter(
        ({ at, request_id }) =>
          before === undefined ||
          at < before.at ||
          (at === before.at && request_id < before.requestId),
      )
      .sort((a, b) => b.at - a.at || (a.request_id < b.request_id ? 1 : -1))
      .slice(0, limit),
});
const deaf: FreshRows = {
  row: () => Promise.reject(new Error("no object")),
  newest: () => Promise.reject(new Error("no object")),
};

describe("createLedger", () => {
  it("lists the newest first, page by page, none twice and none left out", async () => {
    const rows = Array.from({ length: 9 }, (_, at) =>
      // Three arrive at a time: where times are equal ids decide.
      ledgerRow(`r${at}`, { at: ARRIVAL + Math.floor(at / 3) }),
    );
    await store(...rows.slice(0, 7));
    const ledger = createLedger({ db, fresh: objectWith(...rows.slice(5)) });
    const seen: string[] = [];
    let last: LedgerRow | undefined;
    for (;;) {
      const before = last && { at: last.at, requestId: last.request_id };
      const page = await ledger.rows({ org: "acme", limit: 2, before });
      seen.push(...ids(page));
      last = page.at(-1);
      if (last === undefined) break;
    }
    expect(seen).toEqual(ids(rows).toReversed());
  });

  it("shows the newest version, wherever it is", async () => {
    await store(ledgerRow("a", { version: 1 }), ledgerRow("b", { version: 2 }));
    const fresh = objectWith(ledgerRow("a", { version: 2 }), ledgerRow("b", { version: 1 }));
    const rows = await createLedger({ db, fresh }).rows({ org: "acme", limit: 9 });
    expect(rows.map((row) => [row.request_id, row.version])).toEqual([
      ["b", 2],
      ["a", 2],
    ]);
  });

  it.each([
    [{ org: "acme" }, ["d", "c", "b", "a"]],
    [{ org: "acme", key: "k2" }, ["d", "b"]],
    [{ model: "small" }, ["c"]],
    [{ status: 502 }, ["a"]],
    [{ org: "none" }, []],
    [{}, ["e", "c", "b", "a"]],
  ])("filters by %j", async (query, expected) => {
    await store(
      ledgerRow("a", { at: 1, status: 502 }),
      ledgerRow("b", { at: 2, key: "k2" }),
      ledgerRow("c", { at: 3, model: "small" }),
      ledgerRow("e", { at: 5, org: "other" }),
    );
    const fresh = objectWith(ledgerRow("d", { at: 4, key: "k2" }));
    const rows = await createLedger({ db, fresh }).rows({ ...query, limit: 9 });
    expect(ids(rows)).toEqual(expected);
  });

  it("finds one row in the object before it asks the database", async () => {
    await store(ledgerRow("a"), ledgerRow("b"));
    const fresh = objectWith(ledgerRow("a", { version: 2 }));
    const ledger = createLedger({ db, fresh });
    expect((await ledger.row("a"))?.version).toBe(2);
    expect((await ledger.row("b"))?.version).toBe(1);
    expect(await ledger.row("c")).toBeUndefined();
  });

  it.each([
    ["does not answer", deaf],
    ["is not there", noFreshRows],
  ])("does with the database where the object %s", async (_, fresh) => {
    await store(ledgerRow("a"));
    const ledger = createLedger({ db, fresh });
    expect(ids(await ledger.rows({ org: "acme", limit: 1 }))).toEqual(["a"]);
    expect((await ledger.row("a"))?.request_id).toBe("a");
  });
});
