/**
 * Decides: how a stream remembers what it has said, in case another answer has to go on from it.
 * Never: decodes anything before somebody asks: most streams end well.
 */
import { decodeFrame, type Frame } from "../base/sse.ts";
import type { Dialect } from "../dialects/dialect.ts";
import type { ChatEvent } from "../domain/event.ts";

/** Bytes. A longer answer is not recovered: what it has said would have to be kept for nothing. */
const MOST_KEPT = 4 * 1024 * 1024;

type Memory = {
  keep(frames: readonly Frame[]): void;
  /** All events so far; undefined when there were too many to keep. */
  events(): readonly ChatEvent[] | undefined;
  frames(): readonly Frame[] | undefined;
};

export const createMemory = (dialect: Dialect): Memory => {
  let kept: Frame[] | undefined = [];
  let size = 0;
  return {
    keep: (frames) => {
      if (kept === undefined) return;
      for (const frame of frames) {
        kept.push(frame);
        size += frame.bytes.byteLength;
      }
      if (size > MOST_KEPT) kept = undefined;
    },
    frames: () => kept,
    events: () => {
      const decoder = dialect.stream.decoder();
      return kept?.flatMap((frame) => {
        const event = decodeFrame(frame);
        const events = event === undefined ? undefined : decoder.decode(event);
        return events?.ok ? events.value.filter(({ type }) => type !== "error") : [];
      });
    },
  };
};
