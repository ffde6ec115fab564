/**
 * Decides: how ended requests are kept, what each key has spent, and what has still to be told to the queue.
 * Never: forgets to tell: what waits goes only when the queue has taken that very version.
 */
import type { LedgerRow } from "../../domain/ledger-row.ts";
import type { SpendView } from "./organisation-calls.ts";
import { createRowsWriter } from "./sql-rows.ts";

const TABLES = `
  CREATE TABLE IF NOT EXISTS outbox
    (id TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS spend
    (lineage TEXT NOT NULL, day TEXT NOT NULL, nano INTEGER NOT NULL,
     PRIMARY KEY (lineage, day)) WITHOUT ROWID`;

const utf8 = new TextEncoder();

const DAY = 10;
const MONTH = 7;
/** `2026-11-21`, in UTC. */
export const dayOf = (at: number): string => new Date(at).toISOString().slice(0, DAY);

/** Has a row: it has ended, and is not a block that was given back (version 1 of an end that nobody charged). */
const HAS_ROW = "state <> 'held' AND NOT (state = 'released' AND version = 1)";

/** `bytes`: of the row as JSON. */
export type Waiting = {
  readonly id: string;
  readonly version: number;
  readonly row: LedgerRow;
  readonly bytes: number;
};

/** `before`: what the request had cost so far. Nano-USD. */
export type Entry = { readonly row: LedgerRow; readonly lineage: string; readonly before: number };

export type Ledger = {
  /** Puts ended requests into the outbox and their cost to their keys. */
  enter(entries: readonly Entry[]): void;
  row(id: string): LedgerRow | undefined;
  newest(
    limit: number,
    before?: { readonly at: number; readonly id: string },
  ): readonly LedgerRow[];
  spend(lineage: string, now: number): SpendView;
  /** What has not been told yet. */
  waiting(limit: number): readonly Waiting[];
  told(messages: readonly Waiting[]): void;
  hasWaiting(): boolean;
};

export const createLedger = (sql: SqlStorage): Ledger => {
  sql.exec(TABLES);
  const putOut = createRowsWriter(
    sql,
    "INSERT INTO outbox VALUES",
    2,
    "ON CONFLICT (id) DO UPDATE SET version = excluded.version",
  );
  const strikeOut = createRowsWriter(
    sql,
    "DELETE FROM outbox WHERE (id, version) IN (VALUES",
    2,
    ")",
  );
  const parse = ({ row }: { row: string }): LedgerRow => JSON.parse(row) as LedgerRow;
  return {
    enter(entries) {
      const sums = new Map<string, { lineage: string; day: string; nano: number }>();
      putOut(entries.map(({ row }) => [row.request_id, row.version]));
      for (const { row, lineage, before } of entries) {
        const day = dayOf(row.at);
        const name = `${day} ${lineage}`;
        const nano = (sums.get(name)?.nano ?? 0) + (row.cost_nano_usd ?? 0) - before;
        sums.set(name, { lineage, day, nano });
      }
      for (const { lineage, day, nano } of sums.values()) {
        if (nano === 0) continue;
        sql.exec(
          `INSERT INTO spend VALUES (?, ?, ?)
           ON CONFLICT (lineage, day) DO UPDATE SET nano = nano + excluded.nano`,
          lineage,
          day,
          nano,
        );
      }
    },
    row: (id) =>
      sql
        .exec<{ row: string }>(`SELECT row FROM request WHERE id = ? AND ${HAS_ROW}`, id)
        .toArray()
        .map(parse)[0],
    newest: (limit, before) =>
      sql
        .exec<{ row: string }>(
          `SELECT row FROM request WHERE ${HAS_ROW} AND (at, id) < (?, ?)
           ORDER BY at DESC, id DESC LIMIT ?`,
          before?.at ?? Number.MAX_SAFE_INTEGER,
          before?.id ?? "",
          limit,
        )
        .toArray()
        .map(parse),
    spend(lineage, now) {
      const today = dayOf(now);
      const [sum] = sql
        .exec<{ today: number | null; month: number | null }>(
          `SELECT sum(nano) FILTER (WHERE day = ?2) AS today, sum(nano) AS month
           FROM spend WHERE lineage = ?1 AND day >= ?3`,
          lineage,
          today,
          `${today.slice(0, MONTH)}-01`,
        )
        .toArray();
      return { today: sum?.today ?? 0, month: sum?.month ?? 0 };
    },
    waiting: (limit) =>
      sql
        .exec<{ id: string; version: number; row: string }>(
          // CROSS JOIN keeps SQLite from reading every row that was ever kept: the outbox is the short one.
          `SELECT outbox.id, outbox.version, request.row FROM outbox
           CROSS JOIN request ON request.id = outbox.id LIMIT ?`,
          limit,
        )
        .toArray()
        .map((each) => ({
          ...{ id: each.id, version: each.version },
          ...{ row: parse(each), bytes: utf8.encode(each.row).length },
        })),
    told(messages) {
      strikeOut(messages.map(({ id, version }) => [id, version]));
    },
    hasWaiting: () => sql.exec("SELECT 1 FROM outbox LIMIT 1").toArray().length > 0,
  };
};
