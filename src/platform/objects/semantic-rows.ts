/**
 * Decides: how the rows of an index lie in the object's database: what every look goes through in a quarter of
 * its size, and beside it the full numbers, which are read for the best of them only.
 * Never: decides which rows there are; that is semantic-core.ts.
 */
import { NEW_TALLY, type Tally } from "../../policy/cache/semantic/tally.ts";
import { NEW_TRUST, type Trust } from "../../policy/cache/semantic/trust.ts";
import type { IndexRow, NewRow } from "./semantic-core.ts";
import { quantise } from "./semantic-quantise.ts";

type Stored = {
  readonly id: string;
  readonly partition: string;
  readonly turn: string;
  readonly rough: ArrayBuffer;
  readonly step: number;
  readonly expires_at: number;
  readonly used_at: number;
  readonly hits: number;
  /** Null: nothing was learnt. */
  readonly trust: string | null;
};

/** The rough numbers as a vector; quantised again it is the same numbers. Every one is read when an object wakes. */
const vectorOf = (rough: ArrayBuffer, step: number): Float32Array => {
  const numbers = new Int8Array(rough);
  const vector = new Float32Array(numbers.length);
  for (let at = 0; at < numbers.length; at++) vector[at] = (numbers[at] ?? 0) * step;
  return vector;
};

const rowOf = (stored: Stored): IndexRow => ({
  id: stored.id,
  partition: stored.partition,
  turn: stored.turn,
  vector: vectorOf(stored.rough, stored.step),
  expiresAt: stored.expires_at,
  usedAt: stored.used_at,
  hits: stored.hits,
  trust: stored.trust === null ? NEW_TRUST : (JSON.parse(stored.trust) as Trust),
});

export class SemanticRows {
  readonly #storage: DurableObjectStorage;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    storage.sql.exec(
      `CREATE TABLE IF NOT EXISTS entries
         (id TEXT PRIMARY KEY, partition TEXT NOT NULL, turn TEXT NOT NULL, rough BLOB NOT NULL,
          step REAL NOT NULL, expires_at INTEGER NOT NULL, used_at INTEGER NOT NULL,
          hits INTEGER NOT NULL, trust TEXT);
       CREATE TABLE IF NOT EXISTS vectors (id TEXT PRIMARY KEY, numbers BLOB NOT NULL);
       CREATE TABLE IF NOT EXISTS elsewhere (id TEXT PRIMARY KEY, expires_at INTEGER NOT NULL)`,
    );
  }

  *all(): Generator<IndexRow> {
    const rows = this.#storage.sql.exec<Stored & Record<string, SqlStorageValue>>(
      "SELECT * FROM entries",
    );
    for (const stored of rows) yield rowOf(stored);
  }

  vector(id: string): Float32Array | undefined {
    const [row] = this.#storage.sql
      .exec<{ numbers: ArrayBuffer }>("SELECT numbers FROM vectors WHERE id = ?", id)
      .toArray();
    return row && new Float32Array(row.numbers);
  }

  /** Writes `row` and takes out `gone`, both or neither. */
  insert({ id, partition, turn, vector, expiresAt }: NewRow, now: number, gone: Iterable<string>) {
    const { sql } = this.#storage;
    const { numbers, step } = quantise(vector);
    this.#storage.transactionSync(() => {
      this.#delete(gone);
      sql.exec(
        "INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, 0, NULL)",
        ...[id, partition, turn, numbers.buffer, step, expiresAt, now],
      );
      // A copy: what came over a call may be a part of something larger.
      sql.exec("INSERT OR REPLACE INTO vectors VALUES (?, ?)", id, vector.slice().buffer);
    });
  }

  used(id: string, { hits, usedAt }: Pick<IndexRow, "hits" | "usedAt">): void {
    const { sql } = this.#storage;
    sql.exec("UPDATE entries SET hits = ?, used_at = ? WHERE id = ?", hits, usedAt, id);
  }

  learnt(id: string, trust: Trust | undefined, tally: Tally): void {
    const { sql, kv } = this.#storage;
    if (trust !== undefined) {
      sql.exec("UPDATE entries SET trust = ? WHERE id = ?", JSON.stringify(trust), id);
    }
    kv.put("tally", tally);
  }

  tally(): Tally {
    return this.#storage.kv.get<Tally>("tally") ?? NEW_TALLY;
  }

  remove(ids: readonly string[]): void {
    if (ids.length > 0) this.#storage.transactionSync(() => this.#delete(ids));
  }

  note(id: string, expiresAt: number): void {
    this.#storage.sql.exec("INSERT OR REPLACE INTO elsewhere VALUES (?, ?)", id, expiresAt);
  }

  /** Noted ids that have expired, and those that expire first of what is beyond `maxEntries`. */
  overdue(now: number, maxEntries: number, limit: number): readonly string[] {
    const { sql } = this.#storage;
    const { noted } = sql.exec<{ noted: number }>("SELECT count(*) AS noted FROM elsewhere").one();
    return sql
      .exec<{ id: string; expires_at: number }>(
        "SELECT id, expires_at FROM elsewhere ORDER BY expires_at LIMIT ?",
        limit,
      )
      .toArray()
      .filter(({ expires_at }, at) => expires_at <= now || at < noted - maxEntries)
      .map(({ id }) => id);
  }

  forget(ids: readonly string[]): void {
    for (const id of ids) this.#storage.sql.exec("DELETE FROM elsewhere WHERE id = ?", id);
  }

  #delete(ids: Iterable<string>): void {
    for (const id of ids) {
      this.#storage.sql.exec("DELETE FROM entries WHERE id = ?", id);
      this.#storage.sql.exec("DELETE FROM vectors WHERE id = ?", id);
    }
  }
}
