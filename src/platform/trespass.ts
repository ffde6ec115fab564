/**
 * Decides: how the use of a valid key on the other plane is put on record (faults.md F65).
 * Never: writes more than a row a minute for one key: a caller must not fill the table by trying again.
 */
import type { Clock } from "../base/clock.ts";

export type Trespass = {
  /** `actor`: the key's id, or `root`. The row is written in the background. */
  note(actor: string, path: string, requestId: string): void;
};

/** Milliseconds. */
const ONE_ROW_A = 60_000;
const MOST_REMEMBERED = 1_000;

export const createTrespass = (parts: {
  readonly db: D1Database;
  readonly clock: Clock;
  readonly background: (work: Promise<unknown>) => void;
}): Trespass => {
  const noted = new Map<string, number>();
  return {
    note: (actor, path, requestId) => {
      const now = parts.clock.now();
      if (now - (noted.get(actor) ?? 0) < ONE_ROW_A) return;
      if (noted.size >= MOST_REMEMBERED) noted.clear();
      noted.set(actor, now);
      const row = parts.db
        .prepare(
          "INSERT INTO audit (at, actor, action, target, request_id) VALUES (?, ?, 'access.refused', ?, ?)",
        )
        .bind(now, actor, path, requestId);
      parts.background(row.run().catch(() => undefined));
    },
  };
};
