/**
 * Decides: what an answer has said, as one text, for whoever has to count it.
 * Never: is asked where the provider has counted.
 */
import type { Dialect } from "../dialects/dialect.ts";
import type { Part } from "../domain/chat.ts";
import type { ChatEvent } from "../domain/event.ts";
import type { Line } from "./line.ts";

const ofEvent = (event: ChatEvent): string => {
  switch (event.type) {
    case "text":
    case "thinking":
    case "refusal":
    case "tool_arguments":
      return event.text;
    default:
      return "";
  }
};

/** Of a stream, as far as it came. */
export const spoken = (line: Line): string => (line.said() ?? []).map(ofEvent).join("");

const ofPart = (part: Part): string => {
  switch (part.type) {
    case "text":
    case "thinking":
    case "refusal":
      return part.text;
    case "tool_call":
      return part.arguments;
    default:
      return "";
  }
};

/** Of a whole answer. */
export const answeredText = (dialect: Dialect, json: Record<string, unknown>): string => {
  const answer = dialect.response.decode(json);
  if (!answer.ok) return "";
  return answer.value.choices.flatMap(({ content }) => content.map(ofPart)).join("");
};
