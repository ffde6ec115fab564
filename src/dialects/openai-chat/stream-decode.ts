/**
 * Decides: which events one chunk of an OpenAI-speaking server stands for, quirks of look-alikes included.
 * Never: keeps text; only what is needed to count blocks and calls.
 */
import { parseExactJson } from "../../base/exact-json.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { SseEvent } from "../../base/sse.ts";
import type { ThinkingPart } from "../../domain/chat.ts";
import type { ChatEvent } from "../../domain/event.ts";
import { defined } from "../defined.ts";
import type { StreamDecoder } from "../dialect.ts";
import { isObject, type Json } from "../reading.ts";
import { answerContent } from "./answer-content.ts";
import { decodeAnnotations } from "./citations.ts";
import { decodeFinish } from "./finish.ts";
import { decodeLogprobs } from "./logprobs.ts";
import { type Thought, thoughtsOf } from "./reasoning.ts";
import { argumentsText, signatureOf } from "./tool-calls.ts";
import { streamUsage } from "./usage.ts";

type ChoiceState = {
  /** The number of the last call, and which wire index means which call. */
  calls: number;
  readonly callAt: Map<number, { readonly call: number; readonly id: string }>;
  /** The number of the last thinking block and what tells whether the next thought belongs to it. */
  block: number;
  blockKey: string | undefined;
};

type State = {
  id: string;
  started: boolean;
  readonly choices: Map<number, ChoiceState>;
};

const choiceState = (state: State, index: number): ChoiceState => {
  const known = state.choices.get(index);
  if (known !== undefined) return known;
  const fresh = { calls: -1, callAt: new Map(), block: -1, blockKey: undefined };
  state.choices.set(index, fresh);
  return fresh;
};

const thinkingEvent = (
  choice: number,
  state: ChoiceState,
  part: ThinkingPart,
  key: string,
): ChatEvent => {
  if (state.blockKey !== key || part.redacted !== undefined) state.block += 1;
  state.blockKey = key;
  const { text, signature, redacted, format } = part;
  const optional = defined({ signature, redacted, format });
  return { type: "thinking", choice, block: state.block, text, ...optional };
};

const thoughtEvent = (choice: number, state: ChoiceState, { part, index }: Thought): ChatEvent => {
  const kind = part.redacted === undefined ? "text" : "encrypted";
  return thinkingEvent(choice, state, part, index === undefined ? "plain" : `${kind} ${index}`);
};

const contentEvents = (
  choice: number,
  state: ChoiceState,
  delta: Json,
  wireChoice: Json,
): ChatEvent[] => {
  const logprobs = decodeLogprobs(wireChoice["logprobs"]);
  const signature = signatureOf(delta);
  const pieces = answerContent(delta["content"]);
  const events = pieces.map((piece): ChatEvent => {
    if (piece.type === "thinking") return thinkingEvent(choice, state, piece, "plain");
    state.blockKey = undefined;
    return { type: "text", choice, text: piece.text };
  });
  const first = events.findIndex((event) => event.type === "text");
  if (logprobs === undefined && signature === undefined) return events;
  const at = first < 0 ? events.length : first;
  const text = events[at];
  events[at] = {
    type: "text",
    choice,
    text: text?.type === "text" ? text.text : "",
    ...defined({ logprobs, signature }),
  };
  return events;
};

/** For servers that count no calls: a new id means a new call, one that was there before that call, none the last one. */
const indexOf = ({ callAt }: ChoiceState, id: string): number => {
  if (id === "") return Math.max(callAt.size - 1, 0);
  for (const [index, known] of callAt) if (known.id === id) return index;
  return callAt.size;
};

/** A call begins with a new index, or with a new id and a name under an index that was used before. */
const callEvents = (
  choice: number,
  state: ChoiceState,
  wireCall: Json,
  answerId: string,
): ChatEvent[] => {
  const named = isObject(wireCall["function"]) ? wireCall["function"] : {};
  const id = typeof wireCall["id"] === "string" ? wireCall["id"] : "";
  const name = typeof named["name"] === "string" ? named["name"] : "";
  const index = typeof wireCall["index"] === "number" ? wireCall["index"] : indexOf(state, id);
  const known = state.callAt.get(index);
  const begins = known === undefined || (id !== "" && id !== known.id && name !== "");
  const events: ChatEvent[] = [];
  let call = known?.call ?? 0;
  if (begins) {
    state.calls += 1;
    call = state.calls;
    state.callAt.set(index, { call, id });
    const own = id === "" ? `call_${answerId}_${choice}_${call}` : id;
    const optional = defined({ signature: signatureOf(wireCall) });
    events.push({ type: "tool_call", choice, call, id: own, name, ...optional });
  }
  const text = argumentsText(named["arguments"]);
  if (text !== "") events.push({ type: "tool_arguments", choice, call, text });
  return events;
};

const deltaEvents = (
  choice: number,
  state: ChoiceState,
  wireChoice: Json,
  answerId: string,
): ChatEvent[] => {
  const delta = wireChoice["delta"] ?? wireChoice["message"];
  if (!isObject(delta)) return [];
  const refusal = delta["refusal"];
  const calls = Array.isArray(delta["tool_calls"]) ? delta["tool_calls"].filter(isObject) : [];
  const legacy = delta["function_call"];
  if (isObject(legacy)) calls.push({ index: 0, function: legacy });
  const annotations = decodeAnnotations(delta["annotations"]);
  return [
    ...thoughtsOf(delta).map((thought) => thoughtEvent(choice, state, thought)),
    ...contentEvents(choice, state, delta, wireChoice),
    ...(typeof refusal === "string" && refusal !== ""
      ? [{ type: "refusal" as const, choice, text: refusal }]
      : []),
    ...annotations.map((citation) => ({ type: "citation" as const, choice, citation })),
    ...calls.flatMap((call) => callEvents(choice, state, call, answerId)),
  ];
};

const choiceEvents = (state: State, wireChoice: Json): ChatEvent[] => {
  const choice = typeof wireChoice["index"] === "number" ? wireChoice["index"] : 0;
  const own = choiceState(state, choice);
  const events = deltaEvents(choice, own, wireChoice, state.id);
  const reason = wireChoice["finish_reason"];
  if (typeof reason === "string" && reason !== "") {
    events.push({ type: "finish", choice, reason: decodeFinish(reason, own.calls >= 0) });
  }
  return events;
};

const KNOWN: ReadonlySet<string> = new Set([
  "id",
  "object",
  "created",
  "model",
  "choices",
  "usage",
]);

/** Azure's first chunk has neither id nor choices: the answer has not begun. */
const startEvent = (state: State, chunk: Json, hasChoices: boolean): ChatEvent[] => {
  const { id, model, created } = chunk as { id?: unknown; model?: unknown; created?: unknown };
  if (state.started || (!hasChoices && (typeof id !== "string" || id === ""))) return [];
  state.started = true;
  state.id = typeof id === "string" ? id : "";
  const extra = Object.entries(chunk).filter(([name]) => !KNOWN.has(name));
  const optional = defined({
    created: typeof created === "number" ? Math.floor(created) : undefined,
    extra: extra.length > 0 ? Object.fromEntries(extra) : undefined,
  });
  return [
    { type: "start", id: state.id, model: typeof model === "string" ? model : "", ...optional },
  ];
};

const chunkEvents = (state: State, chunk: Json): ChatEvent[] => {
  const choices = Array.isArray(chunk["choices"]) ? chunk["choices"].filter(isObject) : [];
  const usage = streamUsage(chunk);
  return [
    // Ahead of the start, which tells the input's count where that is known.
    ...(usage === undefined ? [] : [{ type: "usage" as const, usage }]),
    ...startEvent(state, chunk, choices.length > 0),
    ...choices.flatMap((choice) => choiceEvents(state, choice)),
  ];
};

export const streamDecoder = (): StreamDecoder => {
  const state: State = { id: "", started: false, choices: new Map() };
  return {
    decode(event: SseEvent): Result<readonly ChatEvent[], "malformed"> {
      const data = event.data.trim();
      if (data === "[DONE]") return ok([{ type: "end" }]);
      if (data === "") return ok([]);
      let chunk: unknown;
      try {
        chunk = parseExactJson(data);
      } catch {
        return err("malformed");
      }
      if (!isObject(chunk)) return err("malformed");
      const error = chunk["error"];
      const failed = event.event === "error" || (error !== undefined && error !== null);
      return ok(failed ? [{ type: "error", body: chunk }] : chunkEvents(state, chunk));
    },
    finish: () => [],
  };
};
