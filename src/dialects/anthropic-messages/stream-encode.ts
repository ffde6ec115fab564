/**
 * Decides: which events stand for which: blocks are opened, counted and closed in order.
 * Never: writes an upstream's error: the door writes it, in the contract's words.
 */
import type { ChatEvent } from "../../domain/event.ts";
import type { Usage } from "../../domain/usage.ts";
import { defined } from "../defined.ts";
import type { AnswerContext, StreamEncoder } from "../dialect.ts";
import { encodeCitation } from "./citations.ts";
import { encodeFinish } from "./finish.ts";
import { encodeUsage } from "./usage.ts";

/** What tells whether the next event goes on with the open block: its kind and its number. */
type Open = { readonly key: string; readonly index: number };

const frame = (type: string, fields: object): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;

export const streamEncoder = (context: AnswerContext): StreamEncoder => {
  let open: Open | undefined;
  let blocks = 0;
  let refused = false;
  let usage: Usage = {};
  let finish: (ChatEvent & { type: "finish" }) | undefined;
  /** The block of each call: arguments of parallel calls may arrive by turns. */
  const callBlocks = new Map<number, number>();

  const close = (): string => {
    if (open === undefined) return "";
    const { index } = open;
    open = undefined;
    return frame("content_block_stop", { index });
  };

  const begin = (key: string, content_block: object): string => {
    const closed = close();
    open = { key, index: blocks };
    blocks += 1;
    return closed + frame("content_block_start", { index: open.index, content_block });
  };

  const within = (key: string, content_block: object, delta: object | undefined): string => {
    const began = open?.key === key ? "" : begin(key, content_block);
    const index = open?.index ?? 0;
    return delta === undefined ? began : began + frame("content_block_delta", { index, delta });
  };

  const words = (key: string, text: string, fields: object = {}): string =>
    within(
      key,
      { type: "text", text: "", ...fields },
      text === "" ? undefined : { type: "text_delta", text },
    );

  const thinking = (event: ChatEvent & { type: "thinking" }): string => {
    const key = `thinking ${event.block}`;
    if (event.redacted !== undefined) {
      return begin(key, { type: "redacted_thinking", data: event.redacted }) + close();
    }
    const block = { type: "thinking", thinking: "", signature: "" };
    const delta = event.text === "" ? undefined : { type: "thinking_delta", thinking: event.text };
    const said = within(key, block, delta);
    if (event.signature === undefined) return said;
    return said + within(key, block, { type: "signature_delta", signature: event.signature });
  };

  const toolCall = (event: ChatEvent & { type: "tool_call" }): string => {
    const { id, name, signature } = event;
    callBlocks.set(event.call, blocks);
    const block = { type: "tool_use", id, name, input: {}, ...defined({ signature }) };
    return begin(`call ${event.call}`, block);
  };

  const toolArguments = (event: ChatEvent & { type: "tool_arguments" }): string => {
    const index = callBlocks.get(event.call);
    if (index === undefined || event.text === "") return "";
    const delta = { type: "input_json_delta", partial_json: event.text };
    return frame("content_block_delta", { index, delta });
  };

  const citation = (event: ChatEvent & { type: "citation" }): string => {
    const encoded = encodeCitation(event.citation);
    if (encoded === undefined) return "";
    const key = `text ${event.block ?? ""}`;
    return within(key, { type: "text", text: "" }, { type: "citations_delta", citation: encoded });
  };

  /** The input's count: known by now of a whole answer and of a stream that tells it from its first chunk. */
  const begun = (): Usage => {
    const { output_tokens: _output, reasoning_tokens: _thinking, ...input } = usage;
    return input;
  };

  const start = (event: ChatEvent & { type: "start" }): string =>
    frame("message_start", {
      message: {
        ...(context.from === "anthropic-messages" ? event.extra : {}),
        id: event.id === "" ? context.requestId : event.id,
        type: "message",
        role: "assistant",
        model: event.model,
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: encodeUsage(begun()),
      },
    });

  const end = (): string => {
    const closed = close();
    const stop_reason = encodeFinish(finish?.reason ?? "unknown", refused);
    const delta = { stop_reason, stop_sequence: finish?.stop_sequence ?? null };
    const told = context.mustTell?.() === true ? defined({ headgate: context.coda?.() }) : {};
    const counted = frame("message_delta", { delta, usage: encodeUsage(usage), ...told });
    return closed + counted + frame("message_stop", {});
  };

  return {
    encode(event: ChatEvent): string {
      if ("choice" in event && event.choice !== 0) return "";
      switch (event.type) {
        case "start":
          return start(event);
        case "text": {
          const key = `text ${event.block ?? ""}`;
          const empty = event.text === "" && event.block === undefined;
          return empty && event.signature === undefined
            ? ""
            : words(key, event.text, defined({ signature: event.signature }));
        }
        case "refusal":
          refused = true;
          return words("refusal", event.text);
        case "thinking":
          return thinking(event);
        case "tool_call":
          return toolCall(event);
        case "tool_arguments":
          return toolArguments(event);
        case "citation":
          return citation(event);
        case "opaque":
          return event.part.dialect === "anthropic-messages"
            ? begin("opaque", event.part.raw) + close()
            : "";
        case "finish":
          finish = event;
          return "";
        case "usage":
          usage = { ...usage, ...event.usage };
          return "";
        case "end":
          return end();
        case "error":
          return "";
      }
    },
  };
};
