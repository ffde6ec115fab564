/**
 * Decides: how callers with the same Idempotency-Key follow the one run: what it has said, from the start, then
 * live. Kept in memory alone: an object that was put away has nothing to follow.
 * Never: makes the run wait for a follower, or keeps more than a bounded piece of a stream.
 */
import type { Clock } from "../../base/clock.ts";
import { LOCK_MS } from "../../policy/idempotency/machine.ts";
import type { OnceAttached, OnceHead, OncePiece } from "./organisation-once-calls.ts";

/** Bytes of one stream that a follower may be behind; whoever comes later than that finds no start. */
const RING_BYTES = 1024 * 1024;
/** Bytes of all streams: an object has 128 MB, and other things to do. */
const ALL_BYTES = 16 * 1024 * 1024;

export type OnceRings = {
  /** A run has begun; who followed one before it is cut off. */
  open(id: string, fence: number): void;
  /** The run lives. */
  touch(id: string, fence: number): void;
  /** False where nobody can follow. */
  put(id: string, fence: number, piece: OncePiece): boolean;
  /** The run has ended. `pieces`: how many a follower has to get; undefined: his stream breaks off. */
  close(id: string, fence: number, pieces: number | undefined): void;
  /** `waitMs`: milliseconds until a beginning is not waited for any more. */
  attach(id: string, fence: number, waitMs: number): Promise<OnceAttached>;
};

type Ring = {
  readonly fence: number;
  head: OnceHead | undefined;
  readonly pieces: Uint8Array[];
  /** The number of the first piece that is still here, and of the one to come. */
  first: number;
  next: number;
  bytes: number;
  followers: number;
  /** `mute`: some of it is missing, so that nobody can follow, but its end can be waited for. */
  state: "open" | "mute" | "whole" | "lost";
  /** Whoever waits for something to happen. */
  readonly waiting: Set<() => void>;
  silence: () => void;
};

type Follower = {
  /** The number of the piece that he gets next. */
  at: number;
  gone: boolean;
};

export const createOnceRings = (clock: Clock): OnceRings => {
  const rings = new Map<string, Ring>();
  let bytesOfAll = 0;

  const wake = ({ waiting }: Ring): void => {
    const all = [...waiting];
    waiting.clear();
    for (const one of all) one();
  };

  const empty = (ring: Ring): void => {
    ring.pieces.length = 0;
    bytesOfAll -= ring.bytes;
    ring.bytes = 0;
  };

  const end = (id: string, ring: Ring, state: "whole" | "lost"): void => {
    if (rings.get(id) === ring) rings.delete(id);
    ring.silence();
    ring.state = state;
    if (ring.followers === 0) empty(ring);
    wake(ring);
  };

  // A run that has died says nothing: who follows it is let go when its lock has run out.
  const listen = (id: string, ring: Ring): void => {
    ring.silence();
    ring.silence = clock.after(LOCK_MS, () => end(id, ring, "lost"));
  };

  const ringOf = (id: string, fence: number): Ring => {
    const known = rings.get(id);
    if (known !== undefined && known.fence >= fence) return known;
    if (known !== undefined) end(id, known, "lost");
    const ring: Ring = {
      ...{ fence, head: undefined, pieces: [], first: 0, next: 0, bytes: 0, followers: 0 },
      ...{ state: "open", waiting: new Set(), silence: () => {} },
    };
    rings.set(id, ring);
    listen(id, ring);
    return ring;
  };

  const mute = (ring: Ring): false => {
    ring.state = "mute";
    empty(ring);
    wake(ring);
    return false;
  };

  const keep = (ring: Ring, bytes: Uint8Array): void => {
    ring.pieces.push(bytes);
    ring.next += 1;
    ring.bytes += bytes.byteLength;
    bytesOfAll += bytes.byteLength;
    while (ring.bytes > RING_BYTES) {
      const size = ring.pieces.shift()?.byteLength ?? 0;
      ring.first += 1;
      ring.bytes -= size;
      bytesOfAll -= size;
    }
  };

  /** The next piece for a follower; undefined: there is none any more. */
  const pieceFor = async (ring: Ring, follower: Follower): Promise<Uint8Array | undefined> => {
    for (;;) {
      const { at, gone } = follower;
      const piece = at < ring.first ? undefined : ring.pieces[at - ring.first];
      if (gone || (ring.state === "whole" && at === ring.next)) return undefined;
      if (piece !== undefined) return piece;
      if (ring.state !== "open" || at < ring.first) throw new Error("the run is lost");
      await new Promise<void>((resolve) => ring.waiting.add(resolve));
    }
  };

  const follow = (ring: Ring): ReadableStream<Uint8Array> => {
    const follower: Follower = { at: 0, gone: false };
    ring.followers += 1;
    const leave = (): void => {
      if (follower.gone) return;
      follower.gone = true;
      ring.followers -= 1;
      if (ring.followers === 0 && ring.state !== "open") empty(ring);
      wake(ring);
    };
    const pull = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
      try {
        const piece = await pieceFor(ring, follower);
        if (follower.gone) return;
        follower.at += 1;
        if (piece !== undefined) return controller.enqueue(piece.slice());
        controller.close();
        leave();
      } catch (error) {
        leave();
        throw error;
      }
    };
    return new ReadableStream<Uint8Array>({ pull, cancel: leave }, { highWaterMark: 0 });
  };

  /** What there is to say to somebody who waits; undefined: nothing yet. */
  const beginning = (ring: Ring): OnceAttached | undefined => {
    if (ring.state === "whole" || ring.state === "lost") return { is: "over" };
    return ring.state === "open" && ring.head !== undefined && ring.first === 0
      ? { is: "live", head: ring.head, body: follow(ring) }
      : undefined;
  };

  return {
    open: (id, fence) => void ringOf(id, fence),

    touch(id, fence) {
      const ring = rings.get(id);
      if (ring?.fence === fence) listen(id, ring);
    },

    put(id, fence, { number, head, bytes }) {
      const ring = ringOf(id, fence);
      if (ring.fence !== fence || ring.state !== "open") return false;
      listen(id, ring);
      if (number < ring.next) return true; // repeated after a lost answer
      const isFirst = number === 0;
      if (number > ring.next || isFirst === (head === undefined)) return mute(ring);
      if (bytesOfAll + bytes.byteLength > ALL_BYTES) return mute(ring);
      ring.head ??= head;
      keep(ring, bytes);
      wake(ring);
      return true;
    },

    close(id, fence, pieces) {
      const ring = rings.get(id);
      if (ring?.fence !== fence) return;
      const isWhole = ring.state === "open" && ring.next === pieces;
      end(id, ring, isWhole ? "whole" : "lost");
    },

    async attach(id, fence, waitMs) {
      const ring = ringOf(id, fence);
      if (ring.fence !== fence) return { is: "over" };
      let isLate = false;
      const cancel = clock.after(waitMs, () => {
        isLate = true;
        wake(ring);
      });
      try {
        for (;;) {
          const found = beginning(ring);
          if (found !== undefined) return found;
          if (isLate) return { is: "late" };
          await new Promise<void>((resolve) => ring.waiting.add(resolve));
        }
      } finally {
        cancel();
      }
    },
  };
};
