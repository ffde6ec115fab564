/**
 * Decides: what is known of an attempt's answer when it is over: the provider's figures, and what was said.
 * Never: puts a text together before somebody has to count it.
 */
import type { Dialect } from "../dialects/dialect.ts";
import type { Part } from "../domain/chat.ts";
import type { ChatEvent } from "../domain/event.ts";
import type { Usage } from "../domain/usage.ts";
import type { Line } from "./line.ts";

/** What is known of one attempt's answer when it is over. */
export type Heard = {
  readonly reported: Usage | undefined;
  /** What was said, where somebody has to count it; undefined where it was too long to keep. */
  readonly said: () => string | undefined;
  /** Of a stream; each brings a token or a few. */
  readonly events: number;
  /** Its finish was seen: what is reported is the last word. */
  readonly isWhole: boolean;
};

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
