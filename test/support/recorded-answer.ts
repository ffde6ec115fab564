/**
 * Decides: what an answer says – text, tool calls, finish reason, usage – read plainly from the wire,
 * by other means than the dialects': what their translations are measured with.
 * Never: used by the gateway.
 */
import type { SseEvent } from "../../src/base/sse.ts";
import type { DialectName } from "../../src/domain/dialect-name.ts";
import { totalInput, type Usage } from "../../src/domain/usage.ts";
import { recordedUsage } from "./recorded-usage.ts";

type Json = Record<string, unknown>;
export type Said = {
  readonly choices: readonly SaidChoice[];
  readonly usage: Usage | undefined;
};
export type SaidChoice = {
  text: string;
  refusal: string;
  /** Arguments parsed, where they are JSON. */
  calls: { name: string; arguments: unknown }[];
  /** In OpenAI's words. */
  finish: string | undefined;
};

const list = (value: unknown): Json[] => (Array.isArray(value) ? (value as Json[]) : []);
const text = (value: unknown): string => (typeof value === "string" ? value : "");
const blank = (): SaidChoice => ({ text: "", refusal: "", calls: [], finish: undefined });

const parsed = (argumentsText: string): unknown => {
  try {
    return argumentsText.trim() === "" ? {} : (JSON.parse(argumentsText) as unknown);
  } catch {
    return argumentsText;
  }
};

/** Every finish reason that occurs, in OpenAI's words. A new one is a fault of the test until it stands here. */
const FINISH: Readonly<Record<string, string>> = {
  stop: "stop",
  length: "length",
  tool_calls: "tool_calls",
  function_call: "tool_calls",
  content_filter: "content_filter",
  model_length: "length",
  eos: "stop",
  end_turn: "stop",
  stop_sequence: "stop",
  max_tokens: "length",
  tool_use: "tool_calls",
  refusal: "content_filter",
  pause_turn: "pause",
  STOP: "stop",
  "1": "stop",
  MAX_TOKENS: "length",
  SAFETY: "content_filter",
  UNEXPECTED_TOOL_CALL: "stop",
  OTHER: "stop",
};
const finish = (reason: unknown): string | undefined =>
  reason === null || reason === undefined || reason === ""
    ? undefined
    : (FINISH[String(reason)] ?? `? ${String(reason)}`);

/** A call that ends in "stop" is told as a call: callers go by the reason. */
const settled = (choice: SaidChoice): SaidChoice => ({
  ...choice,
  calls: choice.calls.map((call) => ({ ...call, arguments: parsed(text(call.arguments)) })),
  finish:
    (choice.finish ?? "stop") === "stop" && choice.calls.length > 0 ? "tool_calls" : choice.finish,
});

/** Mistral's content may be a list of parts, thinking among them. */
const openAiText = (content: unknown): string =>
  Array.isArray(content)
    ? list(content)
        .filter((part) => part["type"] === "text")
        .map((part) => text(part["text"]))
        .join("")
    : text(content);

const addOpenAi = (choices: Map<number, SaidChoice>, chunk: Json): void => {
  for (const raw of list(chunk["choices"])) {
    const index = Number(raw["index"] ?? 0);
    const choice = choices.get(index) ?? blank();
    choices.set(index, choice);
    // Perplexity sends both, the message in full each time.
    const whole = chunk["object"] === "chat.completion" || raw["delta"] === undefined;
    const said = ((whole ? raw["message"] : raw["delta"]) ?? {}) as Json;
    choice.text += openAiText(said["content"]);
    choice.refusal += text(said["refusal"]);
    const legacy = said["function_call"] ? [{ function: said["function_call"] }] : [];
    [...list(said["tool_calls"]), ...legacy].forEach((call: Json, position) => {
      const named = (call["function"] ?? call["custom"] ?? {}) as Json;
      const at = whole ? position : Number(call["index"] ?? position);
      const known = choice.calls[at] ?? { name: "", arguments: "" };
      choice.calls[at] = {
        name: known.name || text(named["name"]),
        arguments: text(known.arguments) + text(named["arguments"] ?? named["input"]),
      };
    });
    choice.finish = finish(raw["finish_reason"]) ?? choice.finish;
  }
};

const addAnthropicBlock = (choice: SaidChoice, block: Json): void => {
  if (block["type"] === "text") choice.text += text(block["text"]);
  if (block["type"] === "tool_use") {
    const input = block["input"] as Json | undefined;
    const whole = input !== undefined && Object.keys(input).length > 0;
    choice.calls.push({ name: text(block["name"]), arguments: whole ? JSON.stringify(input) : "" });
  }
};

const addAnthropic = (choice: SaidChoice, event: Json): void => {
  const delta = (event["delta"] ?? {}) as Json;
  if (event["type"] === "content_block_start") {
    addAnthropicBlock(choice, (event["content_block"] ?? {}) as Json);
  }
  choice.text += text(delta["text"]);
  const last = choice.calls.at(-1);
  if (last !== undefined && delta["type"] === "input_json_delta" && event["ours"] === true) {
    last.arguments = text(last.arguments) + text(delta["partial_json"]);
  }
  choice.finish = finish(delta["stop_reason"]) ?? choice.finish;
};

/** Vertex may send the arguments in pieces: strings that grow, under a path of one field. */
const addGeminiCall = (choice: SaidChoice, call: Json): void => {
  if (call["name"] !== undefined) {
    choice.calls.push({ name: text(call["name"]), arguments: JSON.stringify(call["args"] ?? {}) });
  }
  const last = choice.calls.at(-1);
  for (const piece of list(call["partialArgs"])) {
    if (last === undefined) continue;
    const known = JSON.parse(text(last.arguments)) as Json;
    const field = text(piece["jsonPath"]).slice(2);
    known[field] = text(known[field]) + text(piece["stringValue"]);
    last.arguments = JSON.stringify(known);
  }
};

const addGemini = (choices: Map<number, SaidChoice>, chunk: Json): void => {
  for (const candidate of list(chunk["candidates"])) {
    const index = Number(candidate["index"] ?? 0);
    const choice = choices.get(index) ?? blank();
    choices.set(index, choice);
    for (const part of list((candidate["content"] as Json | undefined)?.["parts"])) {
      if (part["thought"] !== true) choice.text += text(part["text"]);
      const call = part["functionCall"] as Json | undefined;
      if (call !== undefined) addGeminiCall(choice, call);
    }
    choice.finish = finish(candidate["finishReason"]) ?? choice.finish;
  }
  if (list(chunk["candidates"]).length === 0 && chunk["promptFeedback"] !== undefined) {
    choices.set(0, { ...blank(), finish: "content_filter" });
  }
};

/** What the payloads of a stream say, or the one body of a whole answer. */
const read = (dialect: DialectName, payloads: readonly Json[]): Said => {
  const choices = new Map<number, SaidChoice>();
  if (dialect === "anthropic-messages") choices.set(0, blank());
  // Server tools write their input with the same deltas as the caller's tools.
  const callBlocks = new Set<unknown>();
  for (const payload of payloads) {
    if (dialect === "openai-chat") addOpenAi(choices, payload);
    else if (dialect === "gemini") addGemini(choices, payload);
    else {
      const block = payload["content_block"] as Json | undefined;
      if (block?.["type"] === "tool_use") callBlocks.add(payload["index"]);
      const choice = choices.get(0) ?? blank();
      addAnthropic(choice, { ...payload, ours: callBlocks.has(payload["index"]) });
      for (const part of list(payload["content"])) addAnthropicBlock(choice, part);
      choice.finish = finish(payload["stop_reason"]) ?? choice.finish;
    }
  }
  const sorted = [...choices].sort(([a], [b]) => a - b).map(([, choice]) => settled(choice));
  return { choices: sorted, usage: recordedUsage(dialect, payloads) };
};

/** A whole answer that gives no reason has stopped; a stream that gives none broke off. */
export const saidWhole = (dialect: DialectName, body: Json): Said => {
  const said = read(dialect, [body]);
  return {
    ...said,
    choices: said.choices.map((choice) => ({ ...choice, finish: choice.finish ?? "stop" })),
  };
};

/**
 * OpenAI's usage must name input and output, and has one figure for what was written to a cache. A
 * turn that paused is not complete: the nearest that its clients know is `length`.
 */
export const inOpenAiWords = ({ choices: said, usage }: Said): Said => {
  const choices = said.map((choice) => ({
    ...choice,
    finish: choice.finish === "pause" ? "length" : choice.finish,
  }));
  if (usage === undefined) return { choices, usage };
  const { cache_write_5m_tokens: brief, cache_write_1h_tokens: long, ...rest } = usage;
  const written =
    brief === undefined && long === undefined ? undefined : (brief ?? 0) + (long ?? 0);
  const cached = written === undefined ? {} : { cache_write_5m_tokens: written };
  return { choices, usage: { input_tokens: 0, output_tokens: 0, ...rest, ...cached } };
};

/** Who writes what went to a cache for an hour writes it for five minutes too, and the other way round. */
export const withBothWrites = ({ choices, usage }: Said): Said => {
  const written = usage?.cache_write_5m_tokens ?? usage?.cache_write_1h_tokens;
  if (written === undefined) return { choices, usage };
  return { choices, usage: { cache_write_5m_tokens: 0, cache_write_1h_tokens: 0, ...usage } };
};

/**
 * What every dialect can say: of several alternatives the first, of usage the totals. A refusal is
 * OpenAI's own kind of text; elsewhere it is text. What only one dialect has as a reason is not compared.
 */
export const essence = ({ choices, usage }: Said, original: Said): unknown => {
  const [choice = blank()] = choices;
  const told = original.choices[0]?.finish;
  const untold = original.choices[0]?.refusal !== "" || told === "pause";
  return {
    text: choice.text + choice.refusal,
    calls: choice.calls,
    finish: untold ? "its own" : (choice.finish ?? "stop"),
    input: totalInput(usage ?? {}),
    output: usage?.output_tokens ?? 0,
  };
};

export const payloadsOf = (events: readonly SseEvent[]): Json[] =>
  events.flatMap(({ data }) => {
    try {
      return data === "[DONE]" ? [] : [JSON.parse(data) as Json];
    } catch {
      return [];
    }
  });

export const saidStreamed = (dialect: DialectName, events: readonly SseEvent[]): Said =>
  read(dialect, payloadsOf(events));
