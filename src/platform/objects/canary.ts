/**
 * Decides: what has been counted of one canary, world-wide: one object for each definition of one.
 * Never: counts a batch twice, and acknowledges none before it is kept.
 */
import { DurableObject } from "cloudflare:workers";
import {
  type CanaryReport,
  type CanaryTally,
  merged,
  NO_TALLY,
  reportOf,
} from "../../policy/view/canary.ts";

/**
 * What one isolate counted. `number` goes up by one with each batch of a sender, and a batch is not made
 * before the one before it was acknowledged; repeated, it has the same number and the same counts.
 */
export type CanaryBatch = {
  readonly sender: string;
  readonly number: number;
  readonly tally: CanaryTally;
};

/** Milliseconds. Nobody repeats a batch after so long: isolates live for hours. */
const FORGET_SENDER_MS = 7 * 86_400_000;

export class CanaryObject extends DurableObject<Env> {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    ctx.storage.sql.exec(
      `CREATE TABLE IF NOT EXISTS counts (id INTEGER PRIMARY KEY CHECK (id = 1), tally TEXT NOT NULL);
       CREATE TABLE IF NOT EXISTS senders
         (sender TEXT PRIMARY KEY, number INTEGER NOT NULL, at INTEGER NOT NULL)`,
    );
  }

  /** Adds a batch to the counts; a repeated one changes nothing. */
  count({ sender, number, tally }: CanaryBatch): void {
    this.ctx.storage.transactionSync(() => {
      if (number <= this.lastOf(sender)) return;
      this.write(merged(this.read(), tally));
      this.remember(sender, number, Date.now());
    });
  }

  report(): CanaryReport {
    return reportOf(this.read());
  }

  private read(): CanaryTally {
    const [row] = this.ctx.storage.sql
      .exec<{ tally: string }>("SELECT tally FROM counts")
      .toArray();
    return row === undefined ? NO_TALLY : (JSON.parse(row.tally) as CanaryTally);
  }

  private write(tally: CanaryTally): void {
    this.ctx.storage.sql.exec(
      "INSERT INTO counts VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET tally = excluded.tally",
      JSON.stringify(tally),
    );
  }

  /** The number of a sender's last batch; 0 before its first. */
  private lastOf(sender: string): number {
    const [row] = this.ctx.storage.sql
      .exec<{ number: number }>("SELECT number FROM senders WHERE sender = ?", sender)
      .toArray();
    return row?.number ?? 0;
  }

  private remember(sender: string, number: number, now: number): void {
    const { sql } = this.ctx.storage;
    sql.exec(
      `INSERT INTO senders VALUES (?, ?, ?)
       ON CONFLICT (sender) DO UPDATE SET number = excluded.number, at = excluded.at`,
      sender,
      number,
      now,
    );
    // Senders come and go seldom: looking for old ones with a first batch is often enough.
    if (number === 1) sql.exec("DELETE FROM senders WHERE at < ?", now - FORGET_SENDER_MS);
  }
}
