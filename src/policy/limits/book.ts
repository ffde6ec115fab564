/**
 * Decides: what an organisation's account is made of, and that a change is made whole or not at all.
 * Never: stores anything. Whoever keeps the account commits a draft, or drops it and nothing has happened.
 */
import type { Cost, LimitRule } from "../../domain/limit.ts";

/** The count of one rule, with the rule as it was last asked for. */
export type RuleEntry = {
  readonly rule: LimitRule;
  readonly state: unknown;
  /** The window in which somebody was last told that the limit is near. */
  readonly warned: string | undefined;
};

/** What a request has taken of one rule, and in which window. */
export type Hold = {
  readonly rule: string;
  readonly window: string;
  /** In the rule's unit. */
  readonly amount: number;
  /** The target whose own rule it is; undefined for rules of the whole request. */
  readonly model: string | undefined;
};

/** What is charged of a request, or of a part of it: whole tokens, nano-USD. */
export type Charge = { readonly tokens: number; readonly nanoUsd: number };

export const NO_CHARGE: Charge = { tokens: 0, nanoUsd: 0 };

/** What was seen of a request so far, and at which targets; undefined: where it was before. */
export type Seen = Charge & { readonly byModel?: Readonly<Record<string, Charge>> };

/** A request's account from its admission on. */
export type Reservation = {
  readonly id: string;
  readonly state: "held" | "settled" | "released" | "expired";
  /** While held what is held, afterwards what was charged, as long as that may still be corrected. */
  readonly holds: readonly Hold[];
  /** What was held at first; of a block, what it was given. */
  readonly cost: Cost;
  /** The input's part: what an unheard-of end costs. */
  readonly floor: Charge;
  readonly highWater: Charge;
  /** What was seen at each target; undefined: nobody has told of any. */
  readonly asked?: Readonly<Record<string, Charge>> | undefined;
  /** Milliseconds since the epoch. The slot is freed then; undefined where none is held any more. */
  readonly slotUntil: number | undefined;
  /** The slot was taken back and could not be had again: the request goes on above the limit. */
  readonly over?: true;
  readonly expiresAt: number;
  /** The names of its extensions; undefined before the first, and where none had one. */
  readonly extended?: readonly string[] | undefined;
  /** Of the last settlement; 0 before the first. */
  readonly version: number;
  /** What was answered, for a caller whose answer was lost. */
  readonly answer: unknown;
};

/** The account as it stands. */
export type Book = {
  rule(id: string): RuleEntry | undefined;
  reservation(id: string): Reservation | undefined;
};

export type Draft = Book & {
  putRule(id: string, entry: RuleEntry): void;
  putReservation(reservation: Reservation): void;
  /** What has changed, by id. */
  readonly rules: ReadonlyMap<string, RuleEntry>;
  readonly reservations: ReadonlyMap<string, Reservation>;
};

/** Changes above a book that stays as it is. */
export const draftOf = (book: Book): Draft => {
  const rules = new Map<string, RuleEntry>();
  const reservations = new Map<string, Reservation>();
  return {
    rules,
    reservations,
    rule: (id) => rules.get(id) ?? book.rule(id),
    reservation: (id) => reservations.get(id) ?? book.reservation(id),
    putRule: (id, entry) => void rules.set(id, entry),
    putReservation: (reservation) => void reservations.set(reservation.id, reservation),
  };
};
