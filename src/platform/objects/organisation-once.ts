/**
 * Decides: how the records of an organisation's Idempotency-Keys are kept in its object.
 * Never: waits between reading and writing, or answers before what it says is written; never opens a reply.
 */
import type { Clock } from "../../base/clock.ts";
import {
  aged,
  NO_RECORD,
  type OnceEvent,
  type OnceState,
  onceStep,
} from "../../policy/idempotency/machine.ts";
import type { OnceAnswer, OnceCalls } from "./organisation-once-calls.ts";
import { createOnceRings } from "./organisation-once-rings.ts";

/** A row holds at most 2 MB, and a sealed reply of 1 MiB is larger than its body. */
const PART_BYTES = 1_000_000;
/** Records that one sweep takes away: it must not keep a caller waiting. */
const SWEEP_ROWS = 500;

const TABLES = `
  CREATE TABLE IF NOT EXISTS once (id TEXT PRIMARY KEY, state TEXT NOT NULL, until INTEGER NOT NULL) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS once_until ON once (until);
  CREATE TABLE IF NOT EXISTS once_parts
    (id TEXT NOT NULL, part INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (id, part)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS once_fence (one INTEGER PRIMARY KEY CHECK (one = 1), last INTEGER NOT NULL)`;

export type OnceStoreParts = {
  readonly sql: SqlStorage;
  readonly clock: Clock;
  /** All of `work` is kept, or nothing. */
  readonly transaction: <T>(work: () => T) => T;
  /** `sweep` is to be called at `at` (milliseconds since the epoch) or soon after. */
  readonly wakeBy: (at: number) => void;
};

export type OnceStore = OnceCalls & {
  /** Takes away what is over; where there is very much of it, not all at once. */
  sweep(): void;
  /** When `sweep` has something to do (milliseconds since the epoch); undefined: nothing is kept. */
  next(): number | undefined;
};

type Row = { readonly state: string };

export const createOnceStore = (parts: OnceStoreParts): OnceStore => {
  const { sql, clock, transaction, wakeBy } = parts;
  sql.exec(TABLES);
  const rings = createOnceRings(clock);

  const read = (id: string): OnceState => {
    const [row] = sql.exec<Row>("SELECT state FROM once WHERE id = ?", id).toArray();
    return row === undefined ? NO_RECORD : (JSON.parse(row.state) as OnceState);
  };

  const write = (id: string, state: OnceState): void => {
    if (state.phase === "none") {
      sql.exec("DELETE FROM once WHERE id = ?", id);
      return;
    }
    sql.exec(
      `INSERT INTO once VALUES (?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET state = excluded.state, until = excluded.until`,
      id,
      JSON.stringify(state),
      state.until,
    );
    wakeBy(state.until);
  };

  const dropReply = (id: string): void => {
    sql.exec("DELETE FROM once_parts WHERE id = ?", id);
  };

  const keepReply = (id: string, reply: Uint8Array): void => {
    dropReply(id);
    for (let at = 0, part = 0; at < reply.byteLength; at += PART_BYTES, part += 1) {
      const bytes = reply.slice(at, at + PART_BYTES);
      sql.exec("INSERT INTO once_parts VALUES (?, ?, ?)", id, part, bytes);
    }
  };

  const replyOf = (id: string): Uint8Array => {
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
  };

  const lastFence = (): number => {
    const [row] = sql.exec<{ last: number }>("SELECT last FROM once_fence").toArray();
    return row?.last ?? 0;
  };

  const giveFence = (fence: number): void => {
    sql.exec(
      "INSERT INTO once_fence VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET last = excluded.last",
      fence,
    );
  };

  /** Whether the run with this fence has the record; then the event is written, and `also` with it, once. */
  const tell = (
    id: string,
    event: Exclude<OnceEvent, { type: "begin" }>,
    also = (): void => {},
  ): boolean =>
    transaction(() => {
      const before = read(id);
      const { state, output } = onceStep(before, event, clock.now());
      if (output.is !== "ok") return false;
      if (state === before) return true;
      write(id, state);
      also();
      return true;
    });

  return {
    async onceBegin({ id, fingerprint, owner }): Promise<OnceAnswer> {
      const now = clock.now();
      return transaction((): OnceAnswer => {
        const before = read(id);
        const fresh = lastFence() + 1;
        const event = { type: "begin", fingerprint, owner, fence: fresh } as const;
        const { state, output } = onceStep(before, event, now);
        switch (output.is) {
          case "go":
            if (output.fence === fresh) giveFence(fresh);
            // What was kept under this key is a day old.
            if (before.phase === "done") dropReply(id);
            write(id, state);
            rings.open(id, output.fence);
            return output;
          case "replay":
            return { is: "replay", reply: replyOf(id) };
          case "refused":
            return output;
          default:
            throw new Error("a beginning is not a write");
        }
      });
    },

    onceDispatched: async (id, fence) => {
      rings.touch(id, fence);
      return tell(id, { type: "dispatched", fence });
    },

    onceRenew: async (id, fence) => {
      const isOwner = tell(id, { type: "renew", fence });
      if (isOwner) rings.touch(id, fence);
      return isOwner;
    },

    async onceEnd(id, fence, how, pieces) {
      const { is } = how;
      const event: OnceEvent =
        is === "free"
          ? { type: "free", fence }
          : { type: "done", fence, large: is === "done_large" };
      const isOwner = tell(id, event, () => {
        if (is === "done") keepReply(id, how.reply);
      });
      rings.close(id, fence, isOwner ? pieces : undefined);
      return isOwner;
    },

    async oncePiece(id, fence, piece) {
      const state = aged(read(id), clock.now());
      const runs = state.phase === "dispatched" || state.phase === "locked";
      return runs && state.fence === fence && rings.put(id, fence, piece);
    },

    async onceAttach(id, fingerprint, waitMs) {
      const state = aged(read(id), clock.now());
      const runs = state.phase === "dispatched" || state.phase === "locked";
      // Between asking and attaching the run may have ended, and another one begun.
      if (!runs || state.fingerprint !== fingerprint) return { is: "over" };
      return rings.attach(id, state.fence, waitMs);
    },

    sweep() {
      const now = clock.now();
      const due = sql
        .exec<Row & { id: string }>(
          "SELECT id, state FROM once WHERE until <= ? ORDER BY until LIMIT ?",
          now,
          SWEEP_ROWS,
        )
        .toArray();
      transaction(() => {
        for (const { id, state } of due) {
          const left = aged(JSON.parse(state) as OnceState, now);
          if (left.phase === "none") dropReply(id);
          write(id, left);
        }
      });
    },

    next() {
      const [first] = sql
        .exec<{ at: number | null }>("SELECT min(until) AS at FROM once")
        .toArray();
      return first?.at ?? undefined;
    },
  };
};
