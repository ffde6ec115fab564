/**
 * Decides: what comes out of a dialect's stream when events go in.
 * Never: tests anything itself.
 */
import type { AnswerContext, Dialect } from "../../src/dialects/dialect.ts";
import { fold } from "../../src/dialects/fold.ts";
import type { ChatResponse } from "../../src/domain/chat.ts";
import type { ChatEvent } from "../../src/domain/event.ts";

/** The events of complete frames, as the encoder writes them: one `event:` and one `data:` line each. */
export const decodeFrames = (dialect: Dialect, frames: string): ChatEvent[] => {
  const decoder = dialect.stream.decoder();
  const events = frames
    .split("\n\n")
    .filter((frame) => frame !== "")
    .flatMap((frame) => {
      const lines = frame.split("\n");
      const field = (name: string) =>
        lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? "";
      const decoded = decoder.decode({ event: field("event"), data: field("data") });
      if (!decoded.ok) throw new Error(`malformed: ${frame}`);
      return decoded.value;
    });
  return [...events, ...decoder.finish()];
};

export const encodeEvents = (
  dialect: Dialect,
  events: readonly ChatEvent[],
  context: AnswerContext,
): string => {
  const encoder = dialect.stream.encoder(context);
  return events.map((event) => encoder.encode(event)).join("");
};

export const streamedBack = (
  dialect: Dialect,
  events: readonly ChatEvent[],
  context: AnswerContext,
): ChatResponse => fold(decodeFrames(dialect, encodeEvents(dialect, events, context)));
