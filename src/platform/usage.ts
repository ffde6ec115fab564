/**
 * Decides: how usage messages become rows and sums: in any order, and however often one comes.
 * Never: adds up here. Triggers of the tables do (sql/0004-usage.sql), within the statement that writes
 * a row: what a crash leaves is all of a message or nothing of it.
 */
import { USAGE } from "../domain/config/defaults.ts";
import type { UsageMessage } from "../domain/usage-message.ts";
import { type UsageEntry, usageEntry } from "../policy/view/usage-entry.ts";

export type UsageConsumer = {
  /** All of them in one transaction; rejects where nothing was applied. */
  apply(messages: readonly UsageMessage[]): Promise<void>;
  /** The same as statements, for whoever has more to do in that transaction. */
  statements(messages: readonly UsageMessage[]): readonly D1PreparedStatement[];
  /** Whether the database can be reached at all. */
  answers(): Promise<boolean>;
};

/** Bytes of JSON in one bound parameter. D1 takes two million at most; a character has up to three. */
const MOST_CHARACTERS = 300_000;

const COLUMNS = [
  ...["request_id", "version", "at", "status", "document", "hour", "org", "team", "key"],
  ...["model", "provider", "canary", "shadow", "cached", "failed", "broken", "fallback"],
  ...["estimated", "unpriced", "input_tokens", "cached_input_tokens", "cache_write_tokens"],
  ...["output_tokens", "reasoning_tokens", "delivered_tokens", "lost_tokens", "cost", "saved"],
  ...["timed", "latency", "gateway_bucket"],
] as const satisfies readonly (keyof UsageEntry)[];

/** Bounded by callers alone: an hour that has too many of them counts the rest together, as "*". */
const CALLERS_OWN = { user: "", tags: "{}" } as const satisfies Partial<UsageEntry>;
const ALL = [...COLUMNS, ...Object.keys(CALLERS_OWN)];

const taken = (column: string): string => `value ->> '${column}'`;

const foldable = ([column, absent]: readonly [string, string]): string =>
  `iif(crowded AND ${taken(column)} <> '${absent}', '*', ${taken(column)})`;

/** A sum would be the organisation's first of its kind in an hour that has enough of them. */
const CROWDED = `(coalesce((SELECT size FROM usage_sizes
    WHERE hour = ${taken("hour")} AND org = ${taken("org")}), 0) >= ${USAGE.most_sums}
  AND NOT EXISTS (SELECT 1 FROM usage_hours WHERE ${[
    ...(["hour", "org", "team", "user", "key", "model", "provider", "canary"] as const),
    ...(["shadow", "tags", "cached"] as const),
  ]
    .map((column) => `usage_hours.${column} = ${taken(column)}`)
    .join(" AND ")}))`;

const WRITE_ROWS = `INSERT INTO usage_rows (${ALL.join(", ")})
  SELECT ${COLUMNS.map(taken).join(", ")},
    ${Object.entries(CALLERS_OWN).map(foldable).join(", ")}
  FROM (SELECT value, ${CROWDED} AS crowded FROM json_each(?1)) WHERE true
  ON CONFLICT (request_id) DO UPDATE SET
    ${ALL.slice(1)
      .map((column) => `${column} = excluded.${column}`)
      .join(", ")}, export = NULL
  WHERE excluded.version > usage_rows.version`;

const WRITE_TALLY = `INSERT INTO usage_tallies (id, at, denials) VALUES (?1, ?2, ?3)
  ON CONFLICT (id) DO NOTHING`;

export const createUsageConsumer = ({ db }: { readonly db: D1Database }): UsageConsumer => {
  const statements: UsageConsumer["statements"] = (messages) => {
    const rows = messages.flatMap((message) =>
      message.kind === "row" ? [JSON.stringify(usageEntry(message.row))] : [],
    );
    const tallies = messages.flatMap((message) => (message.kind === "denials" ? [message] : []));
    return [
      ...chunks(rows).map((chunk) => db.prepare(WRITE_ROWS).bind(`[${chunk.join(",")}]`)),
      ...tallies.map(({ id, denials }) =>
        db
          .prepare(WRITE_TALLY)
          .bind(id, Math.max(0, ...denials.map(({ hour }) => hour)), JSON.stringify(denials)),
      ),
    ];
  };
  return {
    statements,
    async apply(messages) {
      const all = statements(messages);
      if (all.length > 0) await db.batch([...all]);
    },
    answers: () =>
      db
        .prepare("SELECT 1")
        .run()
        .then(
          () => true,
          () => false,
        ),
  };
};

/** Texts in groups that are short enough for one parameter each. */
const chunks = (texts: readonly string[]): readonly (readonly string[])[] => {
  const all: string[][] = [];
  let room = 0;
  for (const text of texts) {
    room -= text.length;
    if (room < 0) {
      all.push([]);
      room = MOST_CHARACTERS - text.length;
    }
    all.at(-1)?.push(text);
  }
  return all;
};
