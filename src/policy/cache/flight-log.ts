/**
 * Decides: what is remembered of an answer while it is given to one and told to others, piece by piece, and what
 * each of them is told next.
 * Never: holds more than the last megabyte, or says of a part that it is all.
 */

/** Bytes. Who is further behind than this cannot go on with it; he goes on by himself. */
const MOST_BYTES = 1024 * 1024;
/** Milliseconds: those who follow ask again at once. */
const FOLLOWED_MS = 2_500;

/** What stands before the bytes: whose they are and how they are to be read. Plain data. */
export type FlightHead = {
  /** The name under which equal requests found each other, and the id of the one ahead. */
  readonly name: string;
  readonly id: string;
  /** The model of the configuration that answers, its name upstream, and who speaks which dialect there. */
  readonly model: string;
  readonly upstream: string;
  readonly kind: string;
  readonly dialect: string;
  readonly passes: boolean;
  readonly dropped: readonly string[];
  readonly form: "whole" | "live";
  readonly splice: "prefill" | "verify" | undefined;
};

/** `at`: how many bytes come before these. `head` comes with the first and may come again. */
export type FlightPiece = {
  readonly head: FlightHead | undefined;
  readonly at: number;
  readonly bytes: Uint8Array;
  /** `over`: that is all. `lost`: nothing more comes. */
  readonly end: "over" | "lost" | undefined;
};

/** `have`: how many bytes the log knows of; the next piece has to begin there. */
export type FlightTold = { readonly have: number; readonly isFollowed: boolean };

/** `quietMs`: for how long the one ahead has said nothing. */
export type FlightMore = FlightPiece & { readonly quietMs: number };

export type FlightLog = {
  tell(piece: FlightPiece, now: number): FlightTold;
  /** Somebody follows. */
  asked(now: number): void;
  /** Whether there is anything to tell one who has the head and this many bytes. */
  hasMore(from: number, hasHead: boolean): boolean;
  more(from: number, now: number): FlightMore;
};

const EMPTY = new Uint8Array(0);

/** `begun`: milliseconds since the epoch. */
export const createFlightLog = (begun: number): FlightLog => {
  let head: FlightHead | undefined;
  let end: FlightPiece["end"];
  let pieces: Uint8Array[] = [];
  /** Bytes that are there no more, and all bytes. */
  let base = 0;
  let size = 0;
  let heardAt = begun;
  let askedAt = Number.NEGATIVE_INFINITY;

  const append = (bytes: Uint8Array): void => {
    if (bytes.byteLength === 0) return;
    pieces.push(bytes);
    size += bytes.byteLength;
    let first = pieces[0];
    while (first !== undefined && size - base - first.byteLength >= MOST_BYTES) {
      base += first.byteLength;
      pieces = pieces.slice(1);
      first = pieces[0];
    }
  };

  const after = (from: number): Uint8Array => {
    const bytes = new Uint8Array(size - from);
    let at = base;
    for (const piece of pieces) {
      if (at + piece.byteLength > from) {
        const rest = piece.subarray(Math.max(0, from - at));
        bytes.set(rest, Math.max(0, at - from));
      }
      at += piece.byteLength;
    }
    return bytes;
  };

  return {
    tell(piece, now) {
      heardAt = now;
      head ??= piece.head;
      if (piece.at === size && end === undefined) append(piece.bytes);
      // Where something is missing before it, neither it nor the end is taken: the teller begins anew.
      const isWhole = piece.at + piece.bytes.byteLength === size;
      if (isWhole || piece.end === "lost") end ??= piece.end;
      return { have: size, isFollowed: now - askedAt <= FOLLOWED_MS };
    },
    asked(now) {
      askedAt = now;
    },
    hasMore: (from, hasHead) =>
      end !== undefined || size > from || (head !== undefined && !hasHead),
    more(from, now) {
      const quietMs = now - heardAt;
      if (from < base) return { head, at: from, bytes: EMPTY, end: "lost", quietMs };
      if (from <= size) return { head, at: from, bytes: after(from), end, quietMs };
      // This log has begun anew, and is told again what he has already.
      return { head, at: from, bytes: EMPTY, end: end && "lost", quietMs };
    },
  };
};
