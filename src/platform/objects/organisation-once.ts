/**
 * Decides: how the records of an organisation's Idempotency-Keys are kept in its object.
 * Never: waits between reading and writing, or answers before what it says is written; never opens a reply.
 */
import type { Clock } from "../../base/clock.ts";
import {
  aged,
  NO_RECORD,
  type OnceEvent,
  type OnceRecord,
  type OnceState,
  onceStep,
} from "../../policy/idempotency/machine.ts";
import type { OnceAnswer, OnceCalls } from "./organisation-once-calls.ts";
import { createOnceReplies } from "./organisation-once-replies.ts";
import { createOnceRings } from "./organisation-once-rings.ts";

/** Bytes of all replies that are kept at once: one has 1 MiB at most, and an object 10 GB for everything. */
const ALL_BYTES = 64 * 1024 * 1024;
/** Records that one sweep takes away: it must not keep a caller waiting. */
const SWEEP_ROWS = 500;

const TABLES = `
  CREATE TABLE IF NOT EXISTS once (id TEXT PRIMARY KEY, state TEXT NOT NULL, until INTEGER NOT NULL) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS once_until ON once (until);
  CREATE INDEX IF NOT EXISTS once_done ON once (until) WHERE json_extract(state, '$.phase') = 'done';
  CREATE TABLE IF NOT EXISTS once_fence (one INTEGER PRIMARY KEY CHECK (one = 1), last INTEGER NOT NULL)`;

/** By the index that has none but those with a reply. */
export const OLDEST_REPLY = `
  SELECT id, state FROM once WHERE json_extract(state, '$.phase') = 'done' ORDER BY until LIMIT 1`;

export type OnceStoreParts = {
  readonly sql: SqlStorage;
  readonly clock: Clock;
  /** All of `work` is kept, or nothing. */
  readonly transaction: <T>(work: () => T) => T;
  /** `sweep` is to be called at `at` (milliseconds since the epoch) or soon after. */
  readonly wakeBy: (at: number) => void;
  /** Of all replies together: beyond it the oldest are not given again. */
  readonly mostBytes?: number;
};

export type OnceStore = OnceCalls & {
  /** Takes away what is over; where there is very much of it, not all at once. */
  sweep(): void;
  /** When `sweep` has something to do (milliseconds since the epoch); undefined: nothing is kept. */
  next(): number | undefined;
};

type Row = { readonly state: string };

export const createOnceStore = (parts: OnceStoreParts): OnceStore => {
  const { sql, clock, transaction, wakeBy, mostBytes = ALL_BYTES } = parts;
  sql.exec(TABLES);
  const replies = createOnceReplies(sql);
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

  /** The oldest replies go until there is room; that their runs have ended stays known. */
  const makeRoom = (): void => {
    while (replies.size() > mostBytes) {
      const [oldest] = sql.exec<Row & { id: string }>(OLDEST_REPLY).toArray();
      if (oldest === undefined) return;
      replies.drop(oldest.id);
      write(oldest.id, { ...(JSON.parse(oldest.state) as OnceRecord), phase: "done_large" });
    }
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
            if (before.phase === "done") replies.drop(id);
            write(id, state);
            rings.open(id, output.fence);
            return output;
          case "replay":
            return { is: "replay", reply: replies.of(id) };
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
        if (is !== "done") return;
        replies.keep(id, how.reply);
        makeRoom();
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
          if (left.phase === "none") replies.drop(id);
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
