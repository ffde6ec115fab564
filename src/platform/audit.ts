/**
 * Decides: how a change to the control plane is put on record: in the same batch as the change.
 * Never: records a change that did not happen, and never alters or removes a row (triggers refuse it).
 */

import { isRecord } from "../base/record.ts";
import { sha256 } from "./crypto.ts";

/** Who asked for a change, through which request. */
export type By = {
  readonly actor: string;
  readonly requestId: string | undefined;
};

export type AuditEntry = By & {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Resource and verb: "org.create", "key.rotate", "config.put". */
  readonly action: string;
  /** Resource and id: "org/acme", "key/3f9k2m1q", "config/7". */
  readonly target: string;
  /** SHA-256 of the thing before and after, in hexadecimal; undefined where it did not exist. */
  readonly before: string | undefined;
  readonly after: string | undefined;
};

/**
 * The statement that records `entry`. It has to stand in one `db.batch` right behind the statement
 * that makes the change: it writes its row only if that statement changed at least one row, and a
 * batch is one transaction, so that neither is ever there without the other.
 */
export function auditStatement(db: D1Database, entry: AuditEntry): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO audit (at, actor, action, target, request_id, before_hash, after_hash)
       SELECT ?, ?, ?, ?, ?, ?, ? WHERE changes() > 0`,
    )
    .bind(
      entry.at,
      entry.actor,
      entry.action,
      entry.target,
      entry.requestId ?? null,
      entry.before ?? null,
      entry.after ?? null,
    );
}

/**
 * How often a change is tried anew when somebody else was faster, before they are told so. Of all who
 * try at once one gets through each time: this is how many may come together.
 */
export const MOST_TRIES = 100;

/** Whether a statement of a batch changed anything; if so, the audit row behind it was written. */
export const happened = (result: D1Result | undefined): boolean => (result?.meta.changes ?? 0) > 0;

/** SHA-256 of a JSON value, in hexadecimal, whatever the order of its keys. */
export const fingerprint = (value: unknown): Promise<string> =>
  sha256(JSON.stringify(value, inOrder));

const inOrder = (_: string, value: unknown): unknown =>
  isRecord(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;
