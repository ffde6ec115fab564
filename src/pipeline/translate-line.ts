/**
 * Decides: how a stream of one dialect reaches a caller of another: event by event.
 * Never: knows either of them.
 */
import { decodeFrame } from "../base/sse.ts";
import type { Dialect, StreamEncoder } from "../dialects/dialect.ts";
import type { ChatEvent } from "../domain/event.ts";
import { type Facts, type Line, learn } from "./line.ts";
import { createMemory } from "./memory.ts";

const encoder = new TextEncoder();

export const createTranslateLine = (dialect: Dialect, facts: Facts, write: StreamEncoder): Line => {
  const decoder = dialect.stream.decoder();
  const memory = createMemory(dialect);

  const say = (events: readonly ChatEvent[]): string => {
    let text = "";
    for (const event of events) {
      if (facts.ended || facts.error !== undefined) break;
      learn(facts, event);
      // An upstream's error is the relay's to handle, in words of our own.
      if (event.type !== "error") text += write.encode(event);
    }
    facts.content = facts.begun;
    return text;
  };
  const bytes = (text: string): readonly Uint8Array[] =>
    text === "" ? [] : [encoder.encode(text)];

  return {
    facts,
    take: (frames) => {
      memory.keep(frames);
      let text = "";
      for (const frame of frames) {
        const event = decodeFrame(frame);
        if (event === undefined) continue;
        const events = decoder.decode(event);
        if (events.ok) {
          facts.events += 1;
          text += say(events.value);
        } else facts.malformed += 1;
      }
      return bytes(text);
    },
    finish: () => {
      const last = say(decoder.finish());
      return bytes(facts.ended || !facts.finished ? last : last + say([{ type: "end" }]));
    },
    said: memory.events,
    own: memory.events,
    frames: memory.frames,
  };
};
