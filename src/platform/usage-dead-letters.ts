/**
 * Decides: how messages that could not be applied are kept, shown, and applied once more.
 * Never: loses one: it is removed in the transaction that applies it, and that puts it on record.
 */
import type { Clock } from "../base/clock.ts";
import { logLine } from "../base/log-line.ts";
import { RETENTION } from "../domain/config/defaults.ts";
import type { UsageMessage } from "../domain/usage-message.ts";
import { auditStatement, type By } from "./audit.ts";
import { type Page, type PageAt, pageOf } from "./tenants-page.ts";
import type { UsageConsumer } from "./usage.ts";
import { usageMessageOf } from "./usage-message.ts";

export type DeadLetter = {
  readonly id: string;
  /** Milliseconds since the epoch, of its sending. */
  readonly at: number;
  readonly body: unknown;
};

/** `attempts`: how often it was tried from here and failed. */
export type KeptLetter = DeadLetter & { readonly attempts: number };

export type Replay = { readonly replayed: readonly string[]; readonly failed: readonly string[] };

export type DeadLetters = {
  keep(letters: readonly DeadLetter[]): Promise<void>;
  list(page: PageAt): Promise<Page<KeptLetter>>;
  /** Those of `ids` that are there; the oldest hundred where it is undefined. */
  replay(ids: readonly string[] | undefined, by: By): Promise<Replay>;
};

/** As many as one request has time for. */
const MOST = 100;

type Row = { readonly id: string; readonly at: number; readonly body: string; attempts: number };
const letterOf = (row: Row): KeptLetter => ({ ...row, body: JSON.parse(row.body) as unknown });

/** What is older than the rows that are kept may have been counted before: nobody could tell any more. */
const tellable = (message: UsageMessage, now: number): boolean => {
  const oldest =
    message.kind === "row"
      ? message.row.at
      : Math.min(now, ...message.denials.map(({ hour }) => hour));
  return oldest >= now - RETENTION.rows_ms;
};

export const createDeadLetters = (parts: {
  readonly db: D1Database;
  readonly clock: Clock;
  readonly consumer: UsageConsumer;
}): DeadLetters => {
  const { db, clock, consumer } = parts;

  const chosen = async (ids: readonly string[] | undefined): Promise<readonly Row[]> => {
    const columns = "SELECT id, at, body, attempts FROM dead_letters";
    const those =
      ids === undefined
        ? db.prepare(`${columns} ORDER BY at LIMIT ${MOST}`)
        : db
            .prepare(`${columns} WHERE id IN (SELECT value FROM json_each(?))`)
            .bind(JSON.stringify(ids));
    return (await those.all<Row>()).results;
  };

  const replayed = async ({ id, body }: KeptLetter, by: By): Promise<boolean> => {
    const message = usageMessageOf(body);
    const now = clock.now();
    try {
      if (message !== undefined && tellable(message, now)) {
        await db.batch([
          ...consumer.statements([message]),
          db.prepare("DELETE FROM dead_letters WHERE id = ?").bind(id),
          auditStatement(db, {
            ...{ ...by, at: now, action: "dead_letter.replay", target: `dead-letter/${id}` },
            ...{ before: undefined, after: undefined },
          }),
        ]);
        return true;
      }
    } catch {
      // Told below, like one that cannot be read.
    }
    await db.prepare("UPDATE dead_letters SET attempts = attempts + 1 WHERE id = ?").bind(id).run();
    return false;
  };

  return {
    async keep(letters) {
      await db.batch(
        letters.map(({ id, at, body }) =>
          db
            .prepare(
              "INSERT INTO dead_letters (id, at, body) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            )
            .bind(id, at, JSON.stringify(body)),
        ),
      );
      console.log(logLine({ event: "dead_letters", count: letters.length }));
    },
    async list({ limit, cursor }) {
      const { results } = await db
        .prepare("SELECT * FROM dead_letters WHERE id > ? ORDER BY id LIMIT ?")
        .bind(cursor, limit + 1)
        .all<Row>();
      return pageOf(results.map(letterOf), limit);
    },
    async replay(ids, by) {
      const outcomes: { readonly id: string; readonly good: boolean }[] = [];
      for (const row of await chosen(ids)) {
        outcomes.push({ id: row.id, good: await replayed(letterOf(row), by) });
      }
      const those = (wanted: boolean) =>
        outcomes.filter(({ good }) => good === wanted).map(({ id }) => id);
      return { replayed: those(true), failed: those(false) };
    },
  };
};
