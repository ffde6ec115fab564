/**
 * Decides: how a stream of events becomes one answer (unfold.ts has the way back).
 * Never: hides a broken stream: without a finish event the finish reason is `unknown`.
 */
import type {
  ChatResponse,
  Choice,
  Citation,
  Extra,
  FinishReason,
  Part,
  TextPart,
  ThinkingPart,
  TokenLogprob,
  ToolCallPart,
} from "../domain/chat.ts";
import type { ChatEvent } from "../domain/event.ts";
import type { Usage } from "../domain/usage.ts";
import { defined } from "./defined.ts";

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** A choice while it is being put together. */
type Draft = {
  readonly content: Part[];
  readonly calls: Map<number, Writable<ToolCallPart>>;
  readonly thoughts: Map<number, Writable<ThinkingPart>>;
  text: { readonly part: Writable<TextPart>; readonly block: number | undefined } | undefined;
  finish_reason: FinishReason;
  stop_sequence: string | undefined;
  logprobs: TokenLogprob[] | undefined;
};

const newDraft = (): Draft => ({
  content: [],
  calls: new Map(),
  thoughts: new Map(),
  text: undefined,
  finish_reason: "unknown",
  stop_sequence: undefined,
  logprobs: undefined,
});

/** The text part that is being written; a new one when another block or another kind of part came between. */
const textPart = (draft: Draft, block: number | undefined): Writable<TextPart> => {
  const last = draft.content.at(-1);
  if (draft.text !== undefined && draft.text.part === last && draft.text.block === block) {
    return draft.text.part;
  }
  const part: Writable<TextPart> = { type: "text", text: "" };
  draft.content.push(part);
  draft.text = { part, block };
  return part;
};

/** An empty text is a part only where its dialect says that there is a block. */
const addText = (draft: Draft, event: ChatEvent & { type: "text" }): void => {
  if (event.text !== "" || event.block !== undefined || event.signature !== undefined) {
    const part = textPart(draft, event.block);
    part.text += event.text;
    if (event.signature !== undefined) part.signature = event.signature;
  }
  if (event.logprobs !== undefined) {
    draft.logprobs ??= [];
    draft.logprobs.push(...event.logprobs);
  }
};

const addThinking = (draft: Draft, event: ChatEvent & { type: "thinking" }): void => {
  let part = draft.thoughts.get(event.block);
  if (part === undefined) {
    part = { type: "thinking", text: "" };
    draft.thoughts.set(event.block, part);
    draft.content.push(part);
  }
  part.text += event.text;
  if (event.signature !== undefined) part.signature = (part.signature ?? "") + event.signature;
  if (event.redacted !== undefined) part.redacted = event.redacted;
  if (event.format !== undefined) part.format = event.format;
};

const addCitation = (draft: Draft, block: number | undefined, citation: Citation): void => {
  const part = block === undefined && draft.text ? draft.text.part : textPart(draft, block);
  part.citations = [...(part.citations ?? []), citation];
};

const addToChoice = (draft: Draft, event: ChatEvent): void => {
  switch (event.type) {
    case "text":
      addText(draft, event);
      return;
    case "refusal": {
      const last = draft.content.at(-1);
      const text = (last?.type === "refusal" ? last.text : "") + event.text;
      if (last?.type === "refusal") draft.content.pop();
      draft.content.push({ type: "refusal", text });
      return;
    }
    case "thinking":
      addThinking(draft, event);
      return;
    case "citation":
      addCitation(draft, event.block, event.citation);
      return;
    case "tool_call": {
      const { id, name, signature } = event;
      const part = {
        type: "tool_call" as const,
        ...defined({ id, name, signature }),
        arguments: "",
      };
      draft.calls.set(event.call, part);
      draft.content.push(part);
      return;
    }
    case "tool_arguments": {
      const part = draft.calls.get(event.call);
      if (part !== undefined) part.arguments += event.text;
      return;
    }
    case "opaque":
      draft.content.push(event.part);
      return;
    case "finish":
      draft.finish_reason = event.reason;
      draft.stop_sequence = event.stop_sequence;
  }
};

const finished = (index: number, draft: Draft): Choice => ({
  index,
  content: draft.content,
  finish_reason: draft.finish_reason,
  ...defined({ stop_sequence: draft.stop_sequence, logprobs: draft.logprobs }),
});

/** The answer that the events add up to. Error events add nothing. */
export const fold = (events: Iterable<ChatEvent>): ChatResponse => {
  const drafts = new Map<number, Draft>();
  let start: ChatEvent & { type: "start" } = { type: "start", id: "", model: "" };
  let usage: Usage | undefined;
  for (const event of events) {
    if (event.type === "start") start = event;
    else if (event.type === "usage") usage = { ...usage, ...event.usage };
    else if ("choice" in event) {
      const draft = drafts.get(event.choice) ?? newDraft();
      drafts.set(event.choice, draft);
      addToChoice(draft, event);
    }
  }
  return {
    id: start.id,
    model: start.model,
    choices: [...drafts].sort(([a], [b]) => a - b).map(([index, draft]) => finished(index, draft)),
    extra: start.extra ?? ({} satisfies Extra),
    ...defined({ created: start.created, usage }),
  };
};
