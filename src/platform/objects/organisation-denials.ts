/**
 * Decides: how refused requests are counted: by hour, status, code and rule, in memory, and written down
 * with the next alarm.
 * Never: costs a refusal a write, and never tells the queue the same count twice.
 */
import type { DenialTally } from "../../domain/ledger-row.ts";
import type { UsageMessage } from "../../domain/usage-message.ts";
import { type Denied, nameOf } from "../../policy/limits/admission.ts";

const TABLE =
  "CREATE TABLE IF NOT EXISTS denials (id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID";

type Batch = Extract<UsageMessage, { kind: "denials" }>;

export type Denials = {
  add(denials: readonly DenialTally[]): void;
  /** Writes down what was counted since; true where anything waits to be told. */
  keep(): boolean;
  waiting(limit: number): readonly Batch[];
  told(batches: readonly Batch[]): void;
};

const HOUR_MS = 3_600_000;

/** One refusal by a limit; `now` in milliseconds since the epoch. */
export const tallyOf = (org: string, denied: Denied, now: number): DenialTally => ({
  hour: Math.floor(now / HOUR_MS) * HOUR_MS,
  ...{ org, status: denied.status, code: denied.code, rule: nameOf(denied), count: 1 },
});

export const createDenials = (sql: SqlStorage): Denials => {
  sql.exec(TABLE);
  let counted = new Map<string, DenialTally>();
  return {
    add(denials) {
      for (const denial of denials) {
        const { hour, org, status, code, rule, count } = denial;
        const name = JSON.stringify([hour, org, status, code, rule]);
        counted.set(name, { ...denial, count: (counted.get(name)?.count ?? 0) + count });
      }
    },
    keep() {
      if (counted.size > 0) {
        const body = JSON.stringify([...counted.values()]);
        sql.exec("INSERT INTO denials VALUES (?, ?)", crypto.randomUUID(), body);
        counted = new Map();
      }
      return sql.exec("SELECT 1 FROM denials LIMIT 1").toArray().length > 0;
    },
    waiting: (limit) =>
      sql
        .exec<{ id: string; body: string }>("SELECT id, body FROM denials LIMIT ?", limit)
        .toArray()
        .map(({ id, body }) => ({
          kind: "denials",
          id,
          denials: JSON.parse(body) as DenialTally[],
        })),
    told(batches) {
      for (const { id } of batches) sql.exec("DELETE FROM denials WHERE id = ?", id);
    },
  };
};
