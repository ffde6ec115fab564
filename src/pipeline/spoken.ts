/**
 * Decides: what an answer has said, as one text, for whoever has to count it.
 * Never: is asked where the provider has counted.
 */
import type { Dialect } from "../dialects/dialect.ts";
import type { Part } from "../domain/chat.ts";
import type { ChatEvent } from "../domain/event.ts";
import type { Usage } from "../domain/usage.ts";
import type { Heard } from "./charge.ts";
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

/** Of one attempt's stream, as far as it came. Figures before the finish are not the last word. */
export const heardOf = ({ facts, own }: Pick<Line, "facts" | "own">): Heard => ({
  reported: facts.usage,
  said: () => own()?.map(ofEvent).join(""),
  events: facts.events,
  isWhole: facts.finished,
});

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

const answeredText = (dialect: Dialect, json: Record<string, unknown>): string => {
  const answer = dialect.response.decode(json);
  if (!answer.ok) return "";
  return answer.value.choices.flatMap(({ content }) => content.map(ofPart)).join("");
};

/** Of a whole answer. */
export const heardWhole = (dialect: Dialect, json: Record<string, unknown>): Heard => ({
  reported: dialect.response.usage(json),
  said: () => answeredText(dialect, json),
  events: 0,
  isWhole: true,
});

/** Of a call that answers without words. */
export const heardNoWord = (reported: Usage | undefined): Heard => ({
  ...{ reported, events: 0, isWhole: true },
  said: () => "",
});
