/**
 * Decides: how an upstream stream becomes frames, and what its end was.
 * Never: looks into a frame, and never buffers more than one unfinished frame.
 */
import { createFramer, type Frame } from "../base/sse.ts";
import type { TimeoutPhase } from "../domain/error.ts";
import type { Watchdog } from "./watchdog.ts";

/** Why no more frames come. `eof`: the bytes ended in order; whether the answer did is not known here. */
export type StreamEnd =
  | { readonly end: "eof"; readonly rest: Uint8Array | undefined }
  | { readonly end: "cut" }
  | { readonly end: "overflow" }
  | { readonly end: "caller" }
  | { readonly end: "timeout"; readonly phase: TimeoutPhase };

export type FrameSource = {
  /** At least one frame, all that one read completed; or the end, again and again. */
  next(): Promise<readonly Frame[] | StreamEnd>;
  /** Stops reading and lets the connection go. */
  cancel(): void;
  /**
   * The answer is complete: its last bytes are taken in, so that the connection can serve again. One that does not
   * end in a moment is let go.
   */
  rest(): Promise<void>;
};

export const isEnd = (batch: readonly Frame[] | StreamEnd): batch is StreamEnd => "end" in batch;

/**
 * Milliseconds. After the finish reason only usage and the terminal mark may follow, and after that the end of the
 * body: one time for both, so that one timer does.
 */
export const CODA_MS = 2_000;

/** Bytes of one read: no less than a small event, no more than what a burst is worth. */
const SMALLEST_READ = 1024;
const LARGEST_READ = 64 * 1024;

type Read = () => Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;

/**
 * Reads into buffers that grow with what arrives: one wake-up takes all of a burst's chunk, and a
 * trickle of small events does not pin large buffers. Streams that are no byte streams give what they have.
 */
const readsOf = (body: ReadableStream<Uint8Array>): { read: Read; cancel: () => void } => {
  try {
    const reader = body.getReader({ mode: "byob" });
    let size = 4 * SMALLEST_READ;
    return {
      read: async () => {
        const { done, value } = await reader.read(new Uint8Array(size));
        const got = value?.byteLength ?? 0;
        size = Math.min(LARGEST_READ, Math.max(SMALLEST_READ, got * 2));
        return { done: done && got === 0, value };
      },
      cancel: () => void reader.cancel().catch(() => {}),
    };
  } catch {
    const reader = body.getReader();
    return { read: () => reader.read(), cancel: () => void reader.cancel().catch(() => {}) };
  }
};

/** Reads only when it is asked for more. `watchdog`: the one whose signal the connection follows. */
export const createFrameSource = (
  body: ReadableStream<Uint8Array>,
  watchdog: Watchdog,
): FrameSource => {
  const { read, cancel } = readsOf(body);
  const framer = createFramer();
  let end: StreamEnd | undefined;

  const broken = (): StreamEnd => {
    const cause = watchdog.cause();
    if (cause === undefined) return { end: "cut" };
    return cause === "caller" ? { end: "caller" } : { end: "timeout", phase: cause };
  };

  const drop = (): void => {
    watchdog.close();
    cancel();
  };

  return {
    next: async () => {
      while (end === undefined) {
        let got: Awaited<ReturnType<Read>>;
        try {
          got = await read();
        } catch {
          end = broken();
          break;
        }
        if (got.done || got.value === undefined) {
          // A stream whose wait has ended may close in order instead of failing.
          end = watchdog.cause() === undefined ? { end: "eof", rest: framer.finish() } : broken();
          break;
        }
        const frames = framer.push(got.value);
        if (framer.overflow) {
          end = { end: "overflow" };
          watchdog.close();
        }
        if (frames.length > 0) return frames;
      }
      return end;
    },
    cancel: drop,
    rest: async () => {
      if (end?.end === "eof") return watchdog.rest();
      watchdog.watch("idle", CODA_MS);
      try {
        for (;;) {
          const { done } = await read();
          if (done) break;
        }
        watchdog.rest();
      } catch {
        drop();
      }
    },
  };
};
