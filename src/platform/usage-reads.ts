/**
 * Decides: where rows of the ledger are read: the organisation's own object, which has them first, and
 * the database, which has those of all organisations.
 * Never: shows one request twice, or an older version of a row where a newer one is at hand.
 */
import type { LedgerRow } from "../domain/ledger-row.ts";

/** Where a row stands in a list that begins with the newest. */
export type RowPlace = { readonly at: number; readonly requestId: string };

/** What an organisation's object can tell. */
export type FreshRows = {
  /** By the organisation's alias in the request's id; undefined where that is unknown too. */
  row(requestId: string): Promise<LedgerRow | undefined>;
  /** Newest first, by arrival and then by id, both descending; only rows behind `before`. */
  newest(org: string, limit: number, before?: RowPlace): Promise<readonly LedgerRow[]>;
};

export type RowQuery = {
  readonly limit: number;
  readonly before?: RowPlace | undefined;
  readonly org?: string | undefined;
  readonly key?: string | undefined;
  readonly model?: string | undefined;
  readonly status?: number | undefined;
};

export type Ledger = {
  row(requestId: string): Promise<LedgerRow | undefined>;
  /** Newest first. */
  rows(query: RowQuery): Promise<readonly LedgerRow[]>;
};

const FILTERS = ["org", "key", "model", "status"] as const;

const fits = (row: LedgerRow, query: RowQuery): boolean =>
  FILTERS.every((name) => query[name] === undefined || query[name] === row[name]);

const newestFirst = (a: LedgerRow, b: LedgerRow): number =>
  b.at - a.at || (a.request_id < b.request_id ? 1 : -1);

/** Of each request the highest version. */
const merged = (rows: readonly LedgerRow[]): readonly LedgerRow[] => {
  const best = new Map<string, LedgerRow>();
  for (const row of rows) {
    const other = best.get(row.request_id);
    if (other === undefined || row.version > other.version) best.set(row.request_id, row);
  }
  return [...best.values()].sort(newestFirst);
};

const rowOf = ({ document }: { readonly document: string }): LedgerRow =>
  JSON.parse(document) as LedgerRow;

export const createLedger = (parts: {
  readonly db: D1Database;
  readonly fresh: FreshRows;
}): Ledger => {
  const { db, fresh } = parts;

  const kept = async (query: RowQuery): Promise<readonly LedgerRow[]> => {
    const { before, limit } = query;
    const filters = FILTERS.filter((name) => query[name] !== undefined);
    const conditions = [
      ...filters.map((name) => `${name} = ?`),
      ...(before === undefined ? [] : ["(at, request_id) < (?, ?)"]),
    ];
    const { results } = await db
      .prepare(
        `SELECT document FROM usage_rows
         ${conditions.length > 0 ? `WHERE ${conditions.join(" AND ")}` : ""}
         ORDER BY at DESC, request_id DESC LIMIT ?`,
      )
      .bind(
        ...filters.map((name) => query[name]),
        ...(before === undefined ? [] : [before.at, before.requestId]),
        limit,
      )
      .all<{ document: string }>();
    return results.map(rowOf);
  };

  /** What has not come through the queue yet. Where the object cannot be asked, the database has to do. */
  const newest = async ({ org, limit, before }: RowQuery): Promise<readonly LedgerRow[]> =>
    org === undefined ? [] : fresh.newest(org, limit, before).catch(() => []);

  return {
    async row(requestId) {
      const found = await fresh.row(requestId).catch(() => undefined);
      if (found !== undefined) return found;
      const row = await db
        .prepare("SELECT document FROM usage_rows WHERE request_id = ?")
        .bind(requestId)
        .first<{ document: string }>();
      return row === null ? undefined : rowOf(row);
    },
    async rows(query) {
      const both = await Promise.all([newest(query), kept(query)]);
      return merged(both.flat().filter((row) => fits(row, query))).slice(0, query.limit);
    },
  };
};
