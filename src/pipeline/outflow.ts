/**
 * Decides: when bytes are written to the caller: at once after a pause, together when events come
 * thick and fast. A write costs the runtime more than all that is done with an event.
 * Never: holds anything back for longer than a caller could notice, or buffers past the high-water mark.
 */
import type { Clock } from "../base/clock.ts";
import { joinedBytes } from "../base/joined-bytes.ts";
import type { Watchdog } from "./watchdog.ts";

/** Milliseconds. Events that follow a write within this time leave together with the next one. */
const GATHER_MS = 1;
/** Bytes that may wait while a write is on its way; beyond them the upstream is not read (F30: ≤ 256 KiB). */
const HIGH_WATER = 128 * 1024;

/** Where bytes go. */
export type Sink = Pick<WritableStreamDefaultWriter<Uint8Array>, "write" | "close" | "abort">;

export type Outflow = {
  /** Takes pieces over, in order; a promise where the caller takes no more for now. Rejects when nobody reads. */
  put(pieces: readonly Uint8Array[]): Promise<void> | undefined;
  /** Writes what waits, and waits until it is taken. */
  flush(): Promise<void>;
};

/** All of them as one view, where they lie one after the other in one buffer. */
const spanOf = (pieces: readonly Uint8Array[]): Uint8Array | undefined => {
  const [first] = pieces;
  const last = pieces.at(-1);
  if (first === undefined || last === undefined || first.buffer !== last.buffer) return undefined;
  let size = 0;
  for (const piece of pieces) size += piece.length;
  // They come in order and do not overlap: what fills the span is all of it.
  const from = first.byteOffset;
  const isWhole = last.byteOffset + last.length - from === size;
  return isWhole ? new Uint8Array(first.buffer, from, size) : undefined;
};

/** Neighbours in one buffer are one write: a burst of events that arrived together leaves together. */
const joined = (pieces: readonly Uint8Array[]): readonly Uint8Array[] => {
  if (pieces.length < 2) return pieces;
  const whole = spanOf(pieces);
  if (whole !== undefined) return [whole];
  // Only a frame that spans two reads lies elsewhere, and that is the first.
  const [first, ...others] = pieces;
  const rest = spanOf(others);
  return first === undefined || rest === undefined ? pieces : [first, rest];
};

export const createOutflow = (
  writer: Sink,
  clock: Clock,
  /** Of the attempt that the bytes come from; it changes when another answer goes on. */
  watchdog: () => Watchdog,
): Outflow => {
  let waiting: Uint8Array[] = [];
  let size = 0;
  let writing: Promise<void> | undefined;
  let lastWrite = 0;
  let cancelTimer: (() => void) | undefined;

  const write = (): Promise<void> => {
    cancelTimer?.();
    cancelTimer = undefined;
    const bytes = joinedBytes(waiting, size);
    waiting = [];
    size = 0;
    watchdog().writing();
    const written = writer.write(bytes).then(() => {
      watchdog().wrote();
      lastWrite = clock.now();
      writing = undefined;
      if (size > 0) later();
    });
    // Writing fails only when nobody reads any more; the relay may be waiting for the upstream then.
    written.catch(() => watchdog().left());
    writing = written;
    return written;
  };

  const later = (): void => {
    cancelTimer ??= clock.after(GATHER_MS, () => {
      cancelTimer = undefined;
      if (writing === undefined && size > 0) write();
    });
  };

  return {
    put: (pieces) => {
      for (const piece of joined(pieces)) {
        waiting.push(piece);
        size += piece.byteLength;
      }
      if (writing === undefined && size > 0) {
        if (size >= HIGH_WATER || clock.now() - lastWrite > GATHER_MS) write();
        else later();
      }
      return size >= HIGH_WATER ? writing : undefined;
    },
    flush: async () => {
      await writing;
      if (size > 0) await write();
    },
  };
};
