/**
 * Decides: how a test keeps an account: in memory, each entry frozen or gone through JSON.
 * Never: lets anybody change what was written.
 */
import { isRecord } from "../../src/base/record.ts";
import type { Book, Draft, Reservation, RuleEntry } from "../../src/policy/limits/book.ts";

const frozen = <T>(value: T): T => {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const each of Object.values(value)) frozen(each);
  }
  return value;
};

const throughJson = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

export const createKept = () => {
  const rules = new Map<string, RuleEntry>();
  const reservations = new Map<string, Reservation>();
  const book: Book = {
    rule: (id) => rules.get(id),
    reservation: (id) => reservations.get(id),
  };
  return {
    book,
    commit(draft: Draft, json: boolean): void {
      const keep = json ? throughJson : frozen;
      for (const [id, entry] of draft.rules) rules.set(id, keep(entry));
      for (const [id, entry] of draft.reservations) reservations.set(id, keep(entry));
    },
  };
};

/** What a count says is held, in windows that are over too; of turns nothing ever is. */
export const heldIn = (kept: unknown): number => {
  const count = isRecord(kept) ? kept["count"] : 0;
  if (!isRecord(count)) return Number(count ?? 0);
  const { current, earlier, held } = count;
  const inWindow = isRecord(current) ? Number(current["held"]) : Number(held ?? 0);
  return inWindow + (Array.isArray(earlier) ? earlier.length : 0);
};
