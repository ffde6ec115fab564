/**
 * Decides: how what is nobody's change is put on record: in the background, a row a minute for one thing.
 * Never: writes more of it: neither an outage nor a caller who tries again may fill the table.
 */
import type { Clock } from "../base/clock.ts";
import { remember } from "../base/remember.ts";
import type { By } from "./audit.ts";

export type AuditNote = By & { readonly action: string; readonly target: string };

export type NoteParts = {
  readonly db: D1Database;
  readonly clock: Clock;
  readonly background: (work: Promise<unknown>) => void;
};

/** Milliseconds. */
const ONE_ROW_A = 60_000;
const MOST_REMEMBERED = 1_000;

/** Writes `note`, unless one under the same name was written by this isolate in the minute before. Takes no time. */
export const createAuditNotes = ({
  db,
  clock,
  background,
}: NoteParts): ((name: string, note: AuditNote) => void) => {
  const noted = new Map<string, number>();
  return (name, { actor, action, target, requestId }) => {
    const now = clock.now();
    const last = noted.get(name);
    if (last !== undefined && now - last < ONE_ROW_A) return;
    remember(noted, name, now, MOST_REMEMBERED);
    const row = db
      .prepare("INSERT INTO audit (at, actor, action, target, request_id) VALUES (?, ?, ?, ?, ?)")
      .bind(now, actor, action, target, requestId ?? null);
    background(row.run().catch(() => undefined));
  };
};
