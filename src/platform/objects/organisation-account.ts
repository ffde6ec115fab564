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
import { createRowsWriter } from "./sql-rows.ts";

const TABLES = `
  CREATE TABLE IF NOT EXISTS rule
    (id TEXT PRIMARY KEY, touched INTEGER NOT NULL, entry TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS request
    (id TEXT PRIMARY KEY, state TEXT NOT NULL, at INTEGER NOT NULL, version INTEGER NOT NULL,
     reservation TEXT NOT NULL, row TEXT NOT NULL);
  CREATE INDEX IF NOT EXISTS request_held ON request (state) WHERE state = 'held';
  CREATE INDEX IF NOT EXISTS request_at ON request (at, id)`;

const WRITE_RULE = `ON CONFLICT (id) DO UPDATE SET touched = excluded.touched, entry = excluded.entry`;

/** An empty row leaves the one that is there. */
const WRITE_REQUEST = `ON CONFLICT (id) DO UPDATE SET state = excluded.state, version = excluded.version,
  reservation = excluded.reservation, row = coalesce(nullif(excluded.row, ''), row)`;

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
  /** Reads these together, where each would be read by itself when it is asked for. Holds until the next write. */
  look(ids: readonly string[]): void;
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

  /** By id; undefined where there is none. */
  const looked = new Map<string, Reservation | undefined>();

  const readReservation = (id: string): Reservation | undefined => {
    const held = open.get(id);
    if (held !== undefined || looked.has(id)) return held ?? looked.get(id);
    const [row] = sql
      .exec<{ reservation: string }>("SELECT reservation FROM request WHERE id = ?", id)
      .toArray();
    return row === undefined ? undefined : (JSON.parse(row.reservation) as Reservation);
  };

  const writeRules = createRowsWriter(sql, "INSERT INTO rule VALUES", 3, WRITE_RULE);
  const writeRequests = createRowsWriter(sql, "INSERT INTO request VALUES", 6, WRITE_REQUEST);
  const listRequests = createRowsWriter(
    sql,
    "INSERT INTO request VALUES",
    6,
    `${WRITE_REQUEST}, at = excluded.at`,
  );

  const book: Book = { rule: readRule, reservation: readReservation };

  return {
    book,
    draft: () => draftOf(book),
    look(ids) {
      looked.clear();
      for (const id of ids) if (!open.has(id)) looked.set(id, undefined);
      if (looked.size === 0) return;
      for (const { reservation } of sql.exec<{ reservation: string }>(
        "SELECT reservation FROM request WHERE id IN (SELECT value FROM json_each(?))",
        JSON.stringify([...looked.keys()]),
      )) {
        const found = JSON.parse(reservation) as Reservation;
        looked.set(found.id, found);
      }
    },
    write(draft, now, rows, arrivals) {
      looked.clear();
      writeRules([...draft.rules].map(([id, entry]) => [id, now, JSON.stringify(entry)]));
      const valuesOf = (reservation: Reservation, at: number) => {
        const { id, state, version } = reservation;
        return [id, state, at, version, JSON.stringify(reservation), rows?.get(id) ?? ""];
      };
      const going: (string | number)[][] = [];
      const ended: (string | number)[][] = [];
      for (const reservation of draft.reservations.values()) {
        const arrivedAt = arrivals?.get(reservation.id);
        if (arrivedAt === undefined) going.push(valuesOf(reservation, now));
        else ended.push(valuesOf(reservation, arrivedAt));
      }
      writeRequests(going);
      listRequests(ended);
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
      const { lineage, facts } = JSON.parse(kept?.row || "{}") as {
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
