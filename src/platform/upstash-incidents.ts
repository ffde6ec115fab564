/**
 * Decides: how it is put on record that Redis did not answer and what the gateway did instead.
 * Never: writes more than a row a minute for one kind of thing: an outage must not fill the table.
 */
import type { Clock } from "../base/clock.ts";

export type Incidents = {
  /**
   * `action`: what the gateway did; `target`: for what, and why. The row is written in the background, and
   * bears the gateway's own name as its actor.
   */
  note(action: "shield.open" | "limits.closed" | "limits.open_local", target: string): void;
};

/** Milliseconds. */
const ONE_ROW_A = 60_000;

export const createIncidents = (parts: {
  readonly db: D1Database;
  readonly clock: Clock;
  readonly background: (work: Promise<unknown>) => void;
}): Incidents => {
  const noted = new Map<string, number>();
  return {
    note: (action, target) => {
      const now = parts.clock.now();
      const last = noted.get(action);
      if (last !== undefined && now - last < ONE_ROW_A) return;
      noted.set(action, now);
      const row = parts.db
        .prepare("INSERT INTO audit (at, actor, action, target) VALUES (?, 'gateway', ?, ?)")
        .bind(now, action, target);
      parts.background(row.run().catch(() => undefined));
    },
  };
};
