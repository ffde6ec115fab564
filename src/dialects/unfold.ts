/**
 * Decides: how a whole answer becomes a stream of events (a cached answer, a server that does not stream).
 * Never: cuts a part into pieces; each is one event.
 */
import type { ChatResponse, Choice, Part } from "../domain/chat.ts";
import type { ChatEvent } from "../domain/event.ts";
import { defined } from "./defined.ts";

/** `nth` counts the parts of the same type before this one. */
const eventsOfPart = (choice: number, part: Part, nth: number, block?: number): ChatEvent[] => {
  switch (part.type) {
    case "text":
      return [
        ...(part.citations ?? []).map((citation) => ({
          type: "citation" as const,
          choice,
          citation,
          ...defined({ block }),
        })),
        {
          type: "text",
          choice,
          text: part.text,
          ...defined({ block, signature: part.signature }),
        },
      ];
    case "refusal":
      return [{ type: "refusal", choice, text: part.text }];
    case "thinking": {
      const { text, signature, redacted, format } = part;
      const optional = defined({ signature, redacted, format });
      return [{ type: "thinking", choice, block: nth, text, ...optional }];
    }
    case "tool_call": {
      const { id, name, signature } = part;
      return [
        { type: "tool_call", choice, call: nth, ...defined({ id, name, signature }) },
        { type: "tool_arguments", choice, call: nth, text: part.arguments },
      ];
    }
    case "opaque":
      return [{ type: "opaque", choice, part }];
    case "image":
    case "file":
    case "audio":
      // No dialect streams these into a chat answer; a whole answer that has them is not unfolded.
      return [];
  }
};

const eventsOfChoice = (choice: Choice): ChatEvent[] => {
  const counts = new Map<string, number>();
  const several = choice.content.filter((part) => part.type === "text").length > 1;
  const events = choice.content.flatMap((part, position) => {
    const nth = counts.get(part.type) ?? 0;
    counts.set(part.type, nth + 1);
    return eventsOfPart(choice.index, part, nth, several ? position : undefined);
  });
  if (choice.logprobs !== undefined) {
    const at = events.findIndex((event) => event.type === "text");
    const text = events[at];
    if (text?.type === "text") events[at] = { ...text, logprobs: choice.logprobs };
    else events.push({ type: "text", choice: choice.index, text: "", logprobs: choice.logprobs });
  }
  const reason = choice.finish_reason;
  const { stop_sequence } = choice;
  events.push({ type: "finish", choice: choice.index, reason, ...defined({ stop_sequence }) });
  return events;
};

/** fold(unfold(answer)) is the answer again. */
export const unfold = (response: ChatResponse): ChatEvent[] => {
  const { id, model, created } = response;
  const extra = Object.keys(response.extra).length > 0 ? response.extra : undefined;
  return [
    // First: Anthropic's dialect tells the input's count with the beginning, the others wait for the end anyway.
    ...(response.usage ? [{ type: "usage" as const, usage: response.usage }] : []),
    { type: "start", id, model, ...defined({ created, extra }) },
    ...response.choices.flatMap(eventsOfChoice),
    { type: "end" },
  ];
};
