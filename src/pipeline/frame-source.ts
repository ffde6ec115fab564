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
};

export const isEnd = (batch: readonly Frame[] | StreamEnd): batch is StreamEnd => "end" in batch;

export const createFrameSource = (
  body: ReadableStream<Uint8Array>,
  watchdog: Watchdog,
): FrameSource => {
  const reader = body.getReader();
  const framer = createFramer();
  let end: StreamEnd | undefined;

  const broken = (): StreamEnd => {
    const cause = watchdog.cause();
    if (cause === undefined) return { end: "cut" };
    return cause === "caller" ? { end: "caller" } : { end: "timeout", phase: cause };
  };

  return {
    next: async () => {
      while (end === undefined) {
        let read: Awaited<ReturnType<typeof reader.read>>;
        try {
          read = await reader.read();
        } catch {
          end = broken();
          break;
        }
        if (read.done) {
          // A stream whose wait has ended may close in order instead of failing.
          end = watchdog.cause() === undefined ? { end: "eof", rest: framer.finish() } : broken();
          break;
        }
        const frames = framer.push(read.value);
        if (framer.overflow) {
          end = { end: "overflow" };
          watchdog.close();
        }
        if (frames.length > 0) return frames;
      }
      return end;
    },
    cancel: () => {
      watchdog.close();
      reader.cancel().catch(() => {});
    },
  };
};
