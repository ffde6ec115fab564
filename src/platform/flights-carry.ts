/**
 * Decides: in which pieces and how often an answer that is under way is told to the object that those elsewhere
 * follow.
 * Never: touches what belongs to the request that is given it, or tells a part twice that the object has.
 */
import { type Clock, sleep } from "../base/clock.ts";
import { copiedBytes } from "../base/joined-bytes.ts";
import type { Frame } from "../base/sse.ts";
import { SILENT_MS } from "../policy/cache/board.ts";
import type { FlightHead, FlightPiece } from "../policy/cache/flight-log.ts";
import type { Flier } from "../ports-cache.ts";
import { type AskFlight, type Flight, isEnd } from "./flight.ts";

/**
 * Milliseconds between two pieces: what a caller does not notice at the beginning, and a hundredth more of what has
 * passed, so that a stream of ten minutes costs a few hundred calls. Without news a sign of life is enough.
 */
const LEAST_GAP = 50;
const GAP_GROWS = 0.01;
const SIGN_MS = 1_000;
const REST_MS = 200;
/** Bytes of one piece. */
const MOST_BYTES = 256 * 1024;
const EMPTY = new Uint8Array(0);

const encoder = new TextEncoder();

/** Bytes of these frames from `at` on: some of them, and whether more are there. */
type Rest = { readonly bytes: Uint8Array; readonly isAll: boolean };

/** Reads on where it has left off; an object that has begun anew is read to from the start. */
const createCursor = () => {
  let next = 0;
  let start = 0;
  return (frames: readonly Frame[], at: number): Rest => {
    if (at < start) {
      next = 0;
      start = 0;
    }
    const taken: Uint8Array[] = [];
    let size = 0;
    for (let frame = frames[next]; frame !== undefined; frame = frames[next]) {
      const { bytes } = frame;
      if (start + bytes.byteLength > at + size) {
        if (size > 0 && size + bytes.byteLength > MOST_BYTES) break;
        const piece = bytes.subarray(at + size - start);
        taken.push(piece);
        size += piece.byteLength;
      }
      next += 1;
      start += bytes.byteLength;
    }
    return { bytes: copiedBytes(taken, size), isAll: next >= frames.length };
  };
};

const headOf = ({ name, id }: Flier, { shown }: Flight): FlightHead | undefined => {
  if (shown === undefined) return undefined;
  const { target, passes, dropped, splice, answer } = shown;
  const { model, upstream, kind, dialect } = target;
  const meant = { model, upstream, kind, dialect };
  return { name, id, ...meant, passes, dropped, splice, form: answer.kind };
};

export const createCarrier = (
  clock: Clock,
  ask: AskFlight,
  flier: Flier,
  flight: Flight,
): (() => Promise<void>) => {
  const read = createCursor();
  let text: Uint8Array | undefined;

  const restOf = (at: number): Rest | "lost" => {
    const answer = flight.shown?.answer;
    if (answer === undefined) return { bytes: EMPTY, isAll: true };
    if (answer.kind === "live") {
      const frames = answer.frames();
      return frames === undefined ? "lost" : read(frames, at);
    }
    text ??= encoder.encode(answer.text);
    const bytes = text.slice(at, at + MOST_BYTES);
    return { bytes, isAll: at + bytes.byteLength >= text.byteLength };
  };

  const pieceFrom = (at: number): FlightPiece => {
    const { state } = flight;
    const isOver = state === "over" && flight.shown !== undefined;
    const head = headOf(flier, flight);
    const rest = restOf(at);
    // It is more than anybody remembers.
    if (rest === "lost") return { head, at, bytes: EMPTY, end: "lost" };
    // Also of what breaks off all is told: those who go on from it have to have the same.
    const isLast = isEnd(state) && rest.isAll;
    return { head, at, bytes: rest.bytes, end: isLast ? (isOver ? "over" : "lost") : undefined };
  };

  return async () => {
    const begun = clock.now();
    let at = 0;
    let toldAt = begun;
    let hasHead = false;
    let isConfirmed = false;
    for (;;) {
      const now = clock.now();
      const piece = pieceFrom(at);
      const isNews =
        piece.bytes.byteLength > 0 || piece.end !== undefined || (piece.head && !hasHead);
      if (isNews || now - toldAt >= SIGN_MS) {
        const told = await ask(flier.id, (object) => object.tell(piece));
        if (told === undefined) {
          if (clock.now() - toldAt > SILENT_MS) return;
          await sleep(clock, REST_MS);
          continue;
        }
        toldAt = clock.now();
        if (told.isFollowed) flight.followedAt = toldAt;
        const isTaken = told.have === piece.at + piece.bytes.byteLength;
        hasHead = piece.head !== undefined && isTaken;
        at = told.have;
        if (piece.end !== undefined && isTaken) {
          if (isConfirmed || !told.isFollowed) return;
          // The object may be moved, and forget all, before everybody has the end: it is looked after once more.
          isConfirmed = true;
          await sleep(clock, SIGN_MS);
          continue;
        }
        if (!isTaken || piece.bytes.byteLength >= MOST_BYTES / 2) continue;
      }
      await sleep(clock, LEAST_GAP + GAP_GROWS * (now - begun));
    }
  };
};
