/**
 * Decides: how an organisation's account is kept in the object's tables, with what is in use in memory.
 * Never: decides about a request, and never writes half of a draft: SQL first, in the caller's
 * transaction, memory after it.
 */
import { remember } from "../../base/remember.ts";
import type { LedgerRow } from "../../domain/ledger-row.ts";
import {
  type Book,
  type Draft,
  draftOf,
  type Reservation,
  type RuleEntry,
} from "../../policy/limits/book.ts";

const TABLES = `
  CREATE TABLE IF NOT EXISTS rule
    (id TEXT PRIMARY KEY, touched INTEGER NOT NULL, entry TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS request
    (id TEXT PRIMARY KEY, state TEXT NOT NULL, at INTEGER NOT NULL, version INTEGER NOT NULL,
     reservation TEXT NOT NULL, row TEXT NOT NULL);
  CREATE INDEX IF NOT EXISTS request_held ON request (state) WHERE state = 'held';
  CREATE INDEX IF NOT EXISTS request_at ON request (at, id)`;

/** A statement may have a hundred parameters; a rule takes three. */
const RULES_AT_ONCE = 30;

/** Writes so many rules: one statement for a request's rules costs a third of one for each. */
const upsertRules = (count: number): string =>
  `INSERT INTO rule VALUES ${"(?, ?, ?), ".repeat(count - 1)}(?, ?, ?)
   ON CONFLICT (id) DO UPDATE SET touched = excluded.touched, entry = excluded.entry`;

/** Some hundred bytes each. */
const MOST_RULES_IN_MEMORY = 5_000;

/** Limits of end users are as many as there are users: an operator's look must not fill the memory. */
const MOST_RULES_SHOWN = 1_000;

/** The key's lineage and the ledger row as it stood at admission. */
export type Facts = { readonly lineage: string; readonly row: LedgerRow };

/** JSON by request id. */
export type Texts = ReadonlyMap<string, string>;

export type Account = {
  readonly book: Book;
  draft(): Draft;
  /**
   * Writes what a draft has changed. By request id: `rows`, and when those which have ended had arrived, by which
   * they are listed (milliseconds since the epoch). To be called inside a transaction.
   */
  write(draft: Draft, now: number, rows?: Texts, arrivals?: ReadonlyMap<string, number>): void;
  /** Takes over what was written, once the transaction has held. */
  adopt(draft: Draft): void;
  /** What was written with a request's admission, for the case that nobody tells its end. */
  facts(id: string): Facts;
  /** The requests in flight. */
  held(): Iterable<Reservation>;
  /** Those that were met last, and no more than one answer can carry. */
  rules(): readonly RuleEntry[];
};

export const createAccount = (sql: SqlStorage): Account => {
  sql.exec(TABLES);
  const rules = new Map<string, RuleEntry>();
  const open = new Map<string, Reservation>();
  for (const { reservation } of sql.exec<{ reservation: string }>(
    "SELECT reservation FROM request WHERE state = 'held'",
  )) {
    const held = JSON.parse(reservation) as Reservation;
    open.set(held.id, held);
  }

  const keep = (id: string, entry: RuleEntry): void =>
    remember(rules, id, entry, MOST_RULES_IN_MEMORY);

  const readRule = (id: string): RuleEntry | undefined => {
    const known = rules.get(id);
    if (known !== undefined) return known;
    const [row] = sql.exec<{ entry: string }>("SELECT entry FROM rule WHERE id = ?", id).toArray();
    if (row === undefined) return undefined;
    const entry = JSON.parse(row.entry) as RuleEntry;
    keep(id, entry);
    return entry;
  };

  // What has ended is seldom asked for: only by somebody who tells its end again.
  const readReservation = (id: string): Reservation | undefined => {
    const held = open.get(id);
    if (held !== undefined) return held;
    const [row] = sql
      .exec<{ reservation: string }>("SELECT reservation FROM request WHERE id = ?", id)
      .toArray();
    return row === undefined ? undefined : (JSON.parse(row.reservation) as Reservation);
  };

  const book: Book = { rule: readRule, reservation: readReservation };

  return {
    book,
    draft: () => draftOf(book),
    write(draft, now, rows, arrivals) {
      const entries = [...draft.rules];
      for (let from = 0; from < entries.length; from += RULES_AT_ONCE) {
        const some = entries.slice(from, from + RULES_AT_ONCE);
        const values = some.flatMap(([id, entry]) => [id, now, JSON.stringify(entry)]);
        sql.exec(upsertRules(some.length), ...values);
      }
      for (const [id, reservation] of draft.reservations) {
        const row = rows?.get(id);
        sql.exec(
          `INSERT INTO request VALUES (?1, ?2, ?3, ?4, ?5, coalesce(?6, '{}'))
           ON CONFLICT (id) DO UPDATE SET state = excluded.state, version = excluded.version,
             reservation = excluded.reservation, row = coalesce(?6, row), at = coalesce(?7, at)`,
          id,
          reservation.state,
          arrivals?.get(id) ?? now,
          reservation.version,
          JSON.stringify(reservation),
          row ?? null,
          arrivals?.get(id) ?? null,
        );
      }
    },
    adopt(draft) {
      for (const [id, entry] of draft.rules) keep(id, entry);
      for (const [id, reservation] of draft.reservations) {
        if (reservation.state === "held") open.set(id, reservation);
        else open.delete(id);
      }
    },
    facts(id) {
      const [kept] = sql
        .exec<{ row: string }>("SELECT row FROM request WHERE id = ?", id)
        .toArray();
      const { lineage, facts } = JSON.parse(kept?.row ?? "{}") as {
        lineage: string;
        facts: string;
      };
      return { lineage, row: JSON.parse(facts) as LedgerRow };
    },
    held: () => open.values(),
    rules: () =>
      sql
        .exec<{ entry: string }>(
          "SELECT entry FROM rule ORDER BY touched DESC LIMIT ?",
          MOST_RULES_SHOWN,
        )
        .toArray()
        .map(({ entry }) => JSON.parse(entry) as RuleEntry),
  };
};
