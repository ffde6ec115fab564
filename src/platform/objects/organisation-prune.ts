/**
 * Decides: what of an organisation's past goes when its time is over, and that it goes in portions: an object does
 * one thing at a time, and callers wait behind it.
 * Never: takes what is held, or what has still to be told.
 */
import { RETENTION } from "../../domain/config/defaults.ts";
import { dayOf } from "./organisation-ledger.ts";

const DAY_MS = 86_400_000;
/** Requests that go in one turn; and rows that one turn looks through where no index tells the old ones. */
const MOST_GONE = 1_000;
const MOST_SEEN = 5_000;

/** One turn of one kind; true: there is more. `now` in milliseconds since the epoch. */
export type PruneTurn = (now: number) => boolean;

export type Pruning = {
  /** When all was through last, in milliseconds since the epoch. */
  doneAt: number;
  /** One turn of all kinds that are not through yet, a day after all were. */
  sweep(): void;
  /** When `sweep` has something to do; undefined: nothing is kept that could ever go. */
  next(): number | undefined;
};

/** Sorts behind every key. */
const END = "\u{10FFFF}";

type Walked = {
  readonly table: string;
  readonly key: readonly string[];
  /** Which rows go, by one parameter. */
  readonly old: string;
  readonly before: (now: number) => string | number;
};

const WALKED: readonly Walked[] = [
  {
    ...{ table: "rule", key: ["id"], old: "touched < ?" },
    before: (now) => now - RETENTION.object_rules_ms,
  },
  {
    // What keys have spent is asked for by the month.
    ...{ table: "spend", key: ["lineage", "day"], old: "day < ?" },
    before: (now) => dayOf(now - RETENTION.object_rules_ms),
  },
];

/** From one end of the table to the other by its key: an index of times would cost every request a write. */
const walk = (sql: SqlStorage, { table, key, old, before }: Walked): PruneTurn => {
  const columns = `(${key.join(", ")})`;
  const values = `(${key.map(() => "?").join(", ")})`;
  const start = key.map(() => "");
  let from: readonly SqlStorageValue[] = start;
  return (now) => {
    const ahead = sql.exec(
      `SELECT ${key.join(", ")} FROM ${table} WHERE ${columns} > ${values}
       ORDER BY ${key.join(", ")} LIMIT 1 OFFSET ?`,
      ...from,
      MOST_SEEN - 1,
    );
    const [last] = [...ahead.raw<SqlStorageValue[]>()];
    sql.exec(
      `DELETE FROM ${table} WHERE ${columns} > ${values} AND ${columns} <= ${values} AND ${old}`,
      ...from,
      ...(last ?? key.map(() => END)),
      before(now),
    );
    from = last ?? start;
    return last !== undefined;
  };
};

const pruneRequests =
  (sql: SqlStorage): PruneTurn =>
  (now) =>
    sql
      .exec(
        `DELETE FROM request WHERE id IN (
           SELECT id FROM request WHERE at < ? AND state <> 'held'
           AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.id = request.id)
           ORDER BY at, id LIMIT ?
         ) RETURNING 1`,
        now - RETENTION.object_rows_ms,
        MOST_GONE,
      )
      .toArray().length === MOST_GONE;

export const createPruning = (parts: {
  readonly sql: SqlStorage;
  readonly now: () => number;
  /** What is kept elsewhere and goes by the same turns. */
  readonly others: readonly PruneTurn[];
}): Pruning => {
  const { sql, now, others } = parts;
  const all = [pruneRequests(sql), ...WALKED.map((walked) => walk(sql, walked)), ...others];
  let left: readonly PruneTurn[] = [];
  return {
    doneAt: 0,
    sweep() {
      const at = now();
      if (at - this.doneAt < DAY_MS) return;
      const last = this.doneAt;
      // What fails is tried again tomorrow, what is not through yet at the next turn.
      this.doneAt = at;
      const turns = left.length > 0 ? left : all;
      left = [];
      left = turns.filter((one) => one(at));
      if (left.length > 0) this.doneAt = last;
    },
    next() {
      const isEmpty = ["request", "rule", "spend", "gone"].every(
        (table) => sql.exec(`SELECT 1 FROM ${table} LIMIT 1`).toArray().length === 0,
      );
      return isEmpty ? undefined : this.doneAt + DAY_MS;
    },
  };
};
