/**
 * Decides: how long rows of requests, sums and what keeps them right stay in the database.
 * Never: removes a row before the archive has it in its last version.
 */
import { RETENTION } from "../domain/config/defaults.ts";

/** Rows in one statement: it may not take longer than the database allows. */
const MOST_ROWS = 5_000;
const MOST_STATEMENTS = 50;

/** Each takes the moment before which things are old. */
const OLD = {
  rows: `DELETE FROM usage_rows WHERE request_id IN (
    SELECT request_id FROM usage_rows
    WHERE at < ?1
      AND EXISTS (SELECT 1 FROM usage_exports WHERE id = usage_rows.export AND done_at IS NOT NULL)
    ORDER BY at LIMIT ${MOST_ROWS})`,
  // A tally that comes again after this is refused: see the dead letters.
  tallies: `DELETE FROM usage_tallies WHERE id IN (
    SELECT id FROM usage_tallies WHERE at < ?1 LIMIT ${MOST_ROWS})`,
  exports: `DELETE FROM usage_exports WHERE id IN (
    SELECT id FROM usage_exports
    WHERE done_at < ?1 AND NOT EXISTS (SELECT 1 FROM usage_rows WHERE export = usage_exports.id)
    LIMIT ${MOST_ROWS})`,
  hours: `DELETE FROM usage_hours WHERE hour IN (
    SELECT DISTINCT hour FROM usage_hours WHERE hour < ?1 LIMIT 1)`,
  sizes: "DELETE FROM usage_sizes WHERE hour < ?1",
  waits: "DELETE FROM usage_waits WHERE hour < ?1",
  denials: "DELETE FROM usage_denials WHERE hour < ?1",
} as const;

/** Gives how many rows of requests were removed. */
export async function prune({
  db,
  now,
}: {
  readonly db: D1Database;
  /** Milliseconds since the epoch. */
  readonly now: number;
}): Promise<number> {
  const removed = async (sql: string, before: number): Promise<number> => {
    let all = 0;
    for (let statements = 0; statements < MOST_STATEMENTS; statements += 1) {
      const { meta } = await db.prepare(sql).bind(before).run();
      if (meta.changes === 0) break;
      all += meta.changes;
    }
    return all;
  };
  const rows = await removed(OLD.rows, now - RETENTION.rows_ms);
  await removed(OLD.tallies, now - 2 * RETENTION.rows_ms);
  await removed(OLD.exports, now - 2 * RETENTION.rows_ms);
  const old = now - RETENTION.sums_ms;
  for (const sql of [OLD.hours, OLD.sizes, OLD.waits, OLD.denials]) await removed(sql, old);
  return rows;
}
