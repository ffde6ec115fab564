/**
 * Decides: which rows go to the archive when, and under which name.
 * Never: loses the last version of a row: one that changes after it was written is written again.
 */
import { RETENTION } from "../domain/config/defaults.ts";

/** Rows in one object: some megabytes of NDJSON, a row a line. */
const MOST_ROWS = 2_000;
/** Objects in one run; a run that does not end here goes on with the next one. */
const MOST_OBJECTS = 100;

const DAY_MS = 86_400_000;

export type ExportParts = {
  readonly db: D1Database;
  readonly bucket: Pick<R2Bucket, "put">;
  /** Milliseconds since the epoch. */
  readonly now: number;
};

type Claim = { readonly id: number; readonly name: string };

/** Those that a run before this one has claimed and perhaps not written. */
const unfinished = async (db: D1Database): Promise<readonly Claim[]> =>
  (
    await db
      .prepare("SELECT id, name FROM usage_exports WHERE done_at IS NULL ORDER BY id")
      .all<Claim>()
  ).results;

/** Gives the oldest rows that no object holds to a new one: of one day, so that its name can say which. */
async function claim(db: D1Database, now: number): Promise<Claim | undefined> {
  const settled = now - RETENTION.settled_ms;
  const first = "(SELECT min(at) FROM usage_rows WHERE export IS NULL)";
  const [made] = await db.batch<Claim>([
    db
      .prepare(
        `INSERT INTO usage_exports (name, at)
         SELECT strftime('ledger/%Y/%m/%d/%H%M%S-', first / 1000, 'unixepoch')
           || lower(hex(randomblob(8))) || '.ndjson', ?1
         FROM (SELECT ${first} AS first) WHERE first < ?2
         RETURNING id, name`,
      )
      .bind(now, settled),
    // Where none was made, no row is old enough either.
    db
      .prepare(
        `UPDATE usage_rows SET export = (SELECT max(id) FROM usage_exports)
         WHERE request_id IN (
           SELECT request_id FROM usage_rows
           WHERE export IS NULL AND at < ?1 AND at < ${first} / ${DAY_MS} * ${DAY_MS} + ${DAY_MS}
           ORDER BY at LIMIT ${MOST_ROWS})`,
      )
      .bind(settled),
  ]);
  return made?.results[0];
}

/** Written anew as often as need be: the same name, and the rows that still belong to it. */
async function write({ db, bucket, now }: ExportParts, { id, name }: Claim): Promise<number> {
  const { results } = await db
    .prepare(
      `SELECT document FROM usage_rows
       WHERE export = (SELECT id FROM usage_exports WHERE id = ? AND done_at IS NULL)
       ORDER BY at, request_id`,
    )
    .bind(id)
    .all<{ document: string }>();
  // None where another run was faster (its rows may be pruned already), or where all have changed since.
  if (results.length > 0) {
    await bucket.put(name, results.map(({ document }) => `${document}\n`).join(""), {
      httpMetadata: { contentType: "application/x-ndjson" },
    });
  }
  await db.prepare("UPDATE usage_exports SET done_at = ? WHERE id = ?").bind(now, id).run();
  return results.length;
}

/** Gives how many rows were written. Whatever ends it halfway, the next run goes on from there. */
export async function exportRows(parts: ExportParts): Promise<number> {
  let rows = 0;
  for (const open of await unfinished(parts.db)) rows += await write(parts, open);
  for (let objects = 0; objects < MOST_OBJECTS; objects += 1) {
    const next = await claim(parts.db, parts.now);
    if (next === undefined) break;
    rows += await write(parts, next);
  }
  return rows;
}
