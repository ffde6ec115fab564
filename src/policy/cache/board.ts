/**
 * Decides: which of several equal requests of one organisation goes ahead, wherever in the world they are, and
 * whether any other relies on it.
 * Never: knows what they ask, keeps anything for good, or trusts one who says nothing any more.
 */
import { remember } from "../../base/remember.ts";
import { ONE_REQUEST } from "../../domain/limit.ts";
import type { Admission, Admitted, Denied } from "../limits/admission.ts";
import { NO_CHARGE } from "../limits/book.ts";

/** Milliseconds without a sign of life after which one who goes ahead is taken for gone. */
export const SILENT_MS = 3_500;
/** Names at once; each costs some hundred bytes. Who is forgotten is followed by nobody new. */
const MOST_NAMES = 5_000;

type Entry = {
  readonly id: string;
  seenAt: number;
  isFollowed: boolean;
  /** It has ended; what follows it is told by itself. */
  isOver: boolean;
};

/** `replaced`: another goes ahead meanwhile. */
export type Seen = "alone" | "followed" | "replaced";

export type Board = {
  /** What `decide` says, and who goes ahead. Who has another before it is asked for itself alone. */
  admit(
    admission: Admission,
    now: number,
    decide: (admission: Admission) => Admitted | Denied,
  ): Admitted | Denied;
  /** A sign of life of one that goes ahead. */
  seen(name: string, id: string, now: number): Seen;
  /** Who goes ahead, now that `without` is lost to the one who asks: another, or he himself. */
  meet(name: string, id: string, without: string | undefined, now: number): string;
  /** Those of the ended requests that somebody relies on. Says the same when it is told again. */
  ended(ids: readonly string[]): readonly string[];
};

/** One request that asks nobody as long as the one ahead does not fail. */
const forItself = (admission: Admission): Admission => {
  const alone = { cost: ONE_REQUEST, floor: NO_CHARGE };
  const [first, ...others] = admission.ways.map(({ from, options: [one, ...more] }) => ({
    from,
    options: [{ ...one, ...alone }, ...more.map((each) => ({ ...each, ...alone }))] as const,
  }));
  return first === undefined ? admission : { ...admission, ways: [first, ...others] };
};

/** `now`: milliseconds since the epoch. */
export const createBoard = (): Board => {
  const entries = new Map<string, Entry>();
  const names = new Map<string, string>();

  const put = (name: string, id: string, now: number): void => {
    remember(entries, name, { id, seenAt: now, isFollowed: false, isOver: false }, MOST_NAMES);
    remember(names, id, name, MOST_NAMES);
  };
  const goingAhead = (name: string, now: number): Entry | undefined => {
    const entry = entries.get(name);
    if (entry === undefined || entry.isOver) return undefined;
    return now - entry.seenAt > SILENT_MS ? undefined : entry;
  };

  return {
    admit(admission, now, decide) {
      const { flight: name, id } = admission;
      if (name === undefined) return decide(admission);
      const entry = goingAhead(name, now);
      const isBehind = entry !== undefined && entry.id !== id;
      const answer = decide(isBehind ? forItself(admission) : admission);
      if (!answer.ok) return answer;
      if (entry === undefined) put(name, id, now);
      else if (isBehind) entry.isFollowed = true;
      return { ...answer, ahead: entry?.id ?? id };
    },

    seen(name, id, now) {
      const entry = entries.get(name);
      if (entry?.id === id) {
        entry.seenAt = now;
        return entry.isFollowed ? "followed" : "alone";
      }
      if (goingAhead(name, now) !== undefined) return "replaced";
      put(name, id, now);
      return "alone";
    },

    meet(name, id, without, now) {
      const entry = goingAhead(name, now);
      if (entry === undefined || entry.id === without) put(name, id, now);
      else if (entry.id !== id) {
        entry.isFollowed = true;
        return entry.id;
      }
      return id;
    },

    ended: (ids) =>
      ids.filter((id) => {
        const entry = entries.get(names.get(id) ?? "");
        if (entry?.id !== id) return false;
        entry.isOver = true;
        return entry.isFollowed;
      }),
  };
};
