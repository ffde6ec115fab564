/**
 * Decides: how sealed replies lie in an organisation's object, and how much room they take together.
 * Never: opens one, or says which are kept. To be called inside a transaction.
 */

/** A row holds at most 2 MB, and a sealed reply of 1 MiB is larger than its body. */
const PART_BYTES = 1_000_000;

const TABLES = `
  CREATE TABLE IF NOT EXISTS once_parts
    (id TEXT NOT NULL, part INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (id, part)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS once_size
    (one INTEGER PRIMARY KEY CHECK (one = 1), bytes INTEGER NOT NULL);
  INSERT INTO once_size SELECT 1, (SELECT coalesce(sum(length(bytes)), 0) FROM once_parts)
    WHERE NOT EXISTS (SELECT 1 FROM once_size)`;

export type OnceReplies = {
  keep(id: string, reply: Uint8Array): void;
  drop(id: string): void;
  of(id: string): Uint8Array;
  /** Bytes of all of them. */
  size(): number;
};

export const createOnceReplies = (sql: SqlStorage): OnceReplies => {
  sql.exec(TABLES);

  const resize = (by: number): void => {
    if (by !== 0) sql.exec("UPDATE once_size SET bytes = bytes + ?", by);
  };

  const drop = (id: string): void => {
    const gone = sql.exec<{ size: number }>(
      "DELETE FROM once_parts WHERE id = ? RETURNING length(bytes) AS size",
      id,
    );
    resize(-gone.toArray().reduce((sum, { size }) => sum + size, 0));
  };

  return {
    keep(id, reply) {
      drop(id);
      for (let at = 0, part = 0; at < reply.byteLength; at += PART_BYTES, part += 1) {
        const bytes = reply.slice(at, at + PART_BYTES);
        sql.exec("INSERT INTO once_parts VALUES (?, ?, ?)", id, part, bytes);
      }
      resize(reply.byteLength);
    },

    drop,

    of(id) {
      const rows = sql
        .exec<{ bytes: ArrayBuffer }>("SELECT bytes FROM once_parts WHERE id = ? ORDER BY part", id)
        .toArray();
      const reply = new Uint8Array(rows.reduce((sum, { bytes }) => sum + bytes.byteLength, 0));
      let at = 0;
      for (const { bytes } of rows) {
        reply.set(new Uint8Array(bytes), at);
        at += bytes.byteLength;
      }
      return reply;
    },

    size: () => sql.exec<{ bytes: number }>("SELECT bytes FROM once_size").one().bytes,
  };
};
