/**
 * Decides: which chunks stand for which events.
 * Never: writes an upstream's error: the door writes it, in the contract's words.
 */
import type { Extra } from "../../domain/chat.ts";
import type { ChatEvent } from "../../domain/event.ts";
import type { Usage } from "../../domain/usage.ts";
import { defined } from "../defined.ts";
import type { AnswerContext, StreamEncoder } from "../dialect.ts";
import { type Cited, citationFields } from "./citations.ts";
import { encodeFinish } from "./finish.ts";
import { encodeLogprobs } from "./logprobs.ts";
import { reasoningDelta } from "./reasoning.ts";
import { signatureField } from "./tool-calls.ts";
import { encodeUsage } from "./usage.ts";

/** Characters written so far, and citations whose text may still grow. */
type ChoiceState = {
  begun: boolean;
  length: number;
  block: number | undefined;
  blockStart: number;
  pending: Cited["citation"][];
};

type Envelope = { id: string; created: number; model: string; extra: Extra };

const frame = (data: unknown): string => `data: ${JSON.stringify(data)}\n\n`;

export const streamEncoder = (context: AnswerContext): StreamEncoder => {
  const envelope: Envelope = {
    id: context.requestId,
    created: context.created,
    model: "",
    extra: {},
  };
  const choices = new Map<number, ChoiceState>();
  let usage: Usage | undefined;

  const chunk = (choiceList: readonly unknown[], more: object = {}): string =>
    frame({
      ...envelope.extra,
      id: envelope.id,
      object: "chat.completion.chunk",
      created: envelope.created,
      model: envelope.model,
      choices: choiceList,
      ...more,
    });

  const stateOf = (index: number): ChoiceState => {
    const known = choices.get(index);
    if (known !== undefined) return known;
    const fresh = { begun: false, length: 0, block: undefined, blockStart: 0, pending: [] };
    choices.set(index, fresh);
    return fresh;
  };

  /** The first delta of a choice carries the role. */
  const delta = (index: number, fields: object, more: object = {}): string => {
    const state = stateOf(index);
    const role = state.begun ? {} : { role: "assistant" };
    state.begun = true;
    return chunk([{ index, delta: { ...role, ...fields }, finish_reason: null, ...more }]);
  };

  /** Citations come before their text (Anthropic): they are written once it is known how long it is. */
  const flushCitations = (index: number): string => {
    const state = stateOf(index);
    if (state.pending.length === 0) return "";
    const { blockStart: from, length: to } = state;
    const fields = citationFields(state.pending.map((citation) => ({ citation, from, to })));
    state.pending = [];
    return delta(index, fields);
  };

  const enterBlock = (index: number, block: number | undefined): string => {
    const state = stateOf(index);
    if (state.block === block) return "";
    const flushed = flushCitations(index);
    state.block = block;
    state.blockStart = state.length;
    return flushed;
  };

  const text = (event: ChatEvent & { type: "text" }): string => {
    const entered = enterBlock(event.choice, event.block);
    const signature = signatureField(event.signature);
    if (event.text === "" && event.logprobs === undefined && event.signature === undefined) {
      return entered;
    }
    stateOf(event.choice).length += event.text.length;
    const more = event.logprobs ? { logprobs: encodeLogprobs(event.logprobs) } : {};
    return entered + delta(event.choice, { content: event.text, ...signature }, more);
  };

  const toolCall = (event: ChatEvent & { type: "tool_call" }): string =>
    delta(event.choice, {
      tool_calls: [
        {
          index: event.call,
          id: event.id,
          type: "function",
          function: { name: event.name, arguments: "" },
          ...signatureField(event.signature),
        },
      ],
    });

  const finish = (event: ChatEvent & { type: "finish" }): string => {
    const { choice: index, reason } = event;
    const flushed = flushCitations(index);
    const role = stateOf(index).begun ? {} : { role: "assistant" };
    stateOf(index).begun = true;
    return flushed + chunk([{ index, delta: role, finish_reason: encodeFinish(reason) }]);
  };

  const end = (): string => {
    const counted = context.includeUsage && usage !== undefined && { usage: encodeUsage(usage) };
    // Whoever asked for the chunk is told the gateway's facts also where nobody has counted.
    const isTold = context.includeUsage || context.mustTell?.() === true;
    const coda = isTold && context.coda !== undefined && { headgate: context.coda() };
    const last = counted || coda ? chunk([], { ...counted, ...coda }) : "";
    return `${last}data: [DONE]\n\n`;
  };

  return {
    encode(event: ChatEvent): string {
      switch (event.type) {
        case "start":
          if (event.id !== "") envelope.id = event.id;
          envelope.model = event.model;
          envelope.created = event.created ?? context.created;
          if (context.from === "openai-chat") envelope.extra = event.extra ?? {};
          return delta(0, { content: "", refusal: null });
        case "text":
          return text(event);
        case "refusal":
          return delta(event.choice, { refusal: event.text });
        case "thinking": {
          const { text: words, signature, redacted, format } = event;
          const part = { type: "thinking" as const, text: words };
          const fields = reasoningDelta(
            { ...part, ...defined({ signature, redacted, format }) },
            event.block,
          );
          return Object.keys(fields).length === 0 ? "" : delta(event.choice, fields);
        }
        case "tool_call":
          return flushCitations(event.choice) + toolCall(event);
        case "tool_arguments":
          return delta(event.choice, {
            tool_calls: [{ index: event.call, function: { arguments: event.text } }],
          });
        case "citation": {
          const entered = enterBlock(event.choice, event.block);
          stateOf(event.choice).pending.push(event.citation);
          return entered;
        }
        case "finish":
          return finish(event);
        case "usage":
          usage = { ...usage, ...event.usage };
          return "";
        case "end":
          return end();
        case "opaque":
        case "error":
          return "";
      }
    },
  };
};
