/**
 * Decides: which events one event of an Anthropic-speaking server stands for.
 * Never: keeps text, except of blocks that nobody else knows: those are passed on whole.
 */
import { parseExactJson } from "../../base/exact-json.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { SseEvent } from "../../base/sse.ts";
import type { ChatEvent } from "../../domain/event.ts";
import { defined } from "../defined.ts";
import type { StreamDecoder } from "../dialect.ts";
import { isObject, type Json } from "../reading.ts";
import { CLAUDE_FORMAT } from "./blocks.ts";
import { decodeCitation } from "./citations.ts";
import { MESSAGE_FIELDS } from "./fields.ts";
import { decodeFinish } from "./finish.ts";
import { streamUsage } from "./usage.ts";

/** A block that has begun. `nth` counts the blocks of its kind from 0. */
type Block =
  | { readonly kind: "text"; readonly index: number }
  | { readonly kind: "thinking"; readonly nth: number }
  | { readonly kind: "tool_use"; readonly nth: number; empty: boolean }
  | { readonly kind: "opaque"; readonly raw: Json; input: string };

type State = {
  readonly blocks: Map<number, Block>;
  thoughts: number;
  calls: number;
};

const choice = 0;
const format = CLAUDE_FORMAT;

const text = (value: unknown): string => (typeof value === "string" ? value : "");

const startEvents = (message: Json): ChatEvent[] => {
  const { id, model } = message as { id?: unknown; model?: unknown };
  const extra = Object.entries(message).filter(([name]) => !MESSAGE_FIELDS.has(name));
  const optional = defined({ extra: extra.length > 0 ? Object.fromEntries(extra) : undefined });
  return [{ type: "start", id: text(id), model: text(model), ...optional }];
};

const textStart = (block: Json, index: number): ChatEvent[] => [
  { type: "text", choice, block: index, text: text(block["text"]) },
];

const toolStart = (state: State, block: Json, index: number): ChatEvent[] => {
  const nth = state.calls;
  state.calls += 1;
  // Some servers give the whole input at once.
  const input = isObject(block["input"]) && Object.keys(block["input"]).length > 0;
  state.blocks.set(index, { kind: "tool_use", nth, empty: !input });
  const { id, name, signature } = block as { id?: unknown; name?: unknown; signature?: unknown };
  const optional = defined({ signature: typeof signature === "string" ? signature : undefined });
  const call = { type: "tool_call" as const, choice, call: nth, id: text(id), name: text(name) };
  const whole = JSON.stringify(block["input"]);
  return [
    { ...call, ...optional },
    ...(input ? [{ type: "tool_arguments" as const, choice, call: nth, text: whole }] : []),
  ];
};

const blockStart = (state: State, block: Json, index: number): ChatEvent[] => {
  switch (block["type"]) {
    case "text":
      state.blocks.set(index, { kind: "text", index });
      return textStart(block, index);
    case "thinking":
    case "redacted_thinking": {
      const nth = state.thoughts;
      state.thoughts += 1;
      state.blocks.set(index, { kind: "thinking", nth });
      const redacted = block["type"] === "redacted_thinking" ? text(block["data"]) : undefined;
      const start = { type: "thinking" as const, choice, block: nth, format };
      return [{ ...start, text: text(block["thinking"]), ...defined({ redacted }) }];
    }
    case "tool_use":
      return toolStart(state, block, index);
    default:
      state.blocks.set(index, { kind: "opaque", raw: block, input: "" });
      return [];
  }
};

const blockDelta = (block: Block, delta: Json): ChatEvent[] => {
  if (block.kind === "opaque") {
    block.input += text(delta["partial_json"]);
    return [];
  }
  if (block.kind === "tool_use") {
    const json = text(delta["partial_json"]);
    if (json === "") return [];
    block.empty = false;
    return [{ type: "tool_arguments", choice, call: block.nth, text: json }];
  }
  if (block.kind === "thinking") {
    const signature = typeof delta["signature"] === "string" ? delta["signature"] : undefined;
    const thinking = { type: "thinking" as const, choice, block: block.nth, format };
    return [{ ...thinking, text: text(delta["thinking"]), ...defined({ signature }) }];
  }
  const citation = delta["citation"];
  if (isObject(citation)) {
    return [{ type: "citation", choice, block: block.index, citation: decodeCitation(citation) }];
  }
  return [{ type: "text", choice, block: block.index, text: text(delta["text"]) }];
};

const opaqueInput = (json: string): { input?: unknown } => {
  if (json === "") return {};
  try {
    return { input: parseExactJson(json) };
  } catch {
    return { input: json };
  }
};

const blockStop = (block: Block): ChatEvent[] => {
  if (block.kind === "tool_use" && block.empty) {
    return [{ type: "tool_arguments", choice, call: block.nth, text: "{}" }];
  }
  if (block.kind !== "opaque") return [];
  const raw = { ...block.raw, ...opaqueInput(block.input) };
  return [{ type: "opaque", choice, part: { type: "opaque", dialect: "anthropic-messages", raw } }];
};

const messageDelta = (delta: unknown): ChatEvent[] => {
  const reason = isObject(delta) ? delta["stop_reason"] : undefined;
  if (!isObject(delta) || typeof reason !== "string") return [];
  const sequence = delta["stop_sequence"];
  const stop_sequence = typeof sequence === "string" ? sequence : undefined;
  return [{ type: "finish", choice, reason: decodeFinish(reason), ...defined({ stop_sequence }) }];
};

const usageEvents = (data: Json): ChatEvent[] => {
  const usage = streamUsage(data);
  return usage === undefined ? [] : [{ type: "usage", usage }];
};

const eventsOf = (state: State, data: Json): readonly ChatEvent[] => {
  const index = typeof data["index"] === "number" ? data["index"] : 0;
  const block = state.blocks.get(index);
  switch (data["type"]) {
    case "message_start": {
      const message = isObject(data["message"]) ? data["message"] : {};
      return [...startEvents(message), ...usageEvents(data)];
    }
    case "content_block_start":
      return isObject(data["content_block"]) ? blockStart(state, data["content_block"], index) : [];
    case "content_block_delta":
      return block !== undefined && isObject(data["delta"]) ? blockDelta(block, data["delta"]) : [];
    case "content_block_stop":
      return block === undefined ? [] : blockStop(block);
    case "message_delta":
      return [...messageDelta(data["delta"]), ...usageEvents(data)];
    case "message_stop":
      return [{ type: "end" }];
    case "error":
      return [{ type: "error", body: data }];
    default:
      // ping, and what may come later.
      return [];
  }
};

export const streamDecoder = (): StreamDecoder => {
  const state: State = { blocks: new Map(), thoughts: 0, calls: 0 };
  return {
    decode(event: SseEvent): Result<readonly ChatEvent[], "malformed"> {
      if (event.data.trim() === "") return ok([]);
      try {
        const data = parseExactJson(event.data);
        if (!isObject(data)) return err("malformed");
        return ok(
          event.event === "error" ? [{ type: "error", body: data }] : eventsOf(state, data),
        );
      } catch {
        return err("malformed");
      }
    },
    finish: () => [],
  };
};
