/**
 * Decides: how a caller's chat request is read, and what is wrong with it.
 * Never: refuses what OpenAI or a look-alike may understand: that is kept, for this dialect only.
 */
import { err, ok, type Result } from "../../base/result.ts";
import type { ChatRequest, Extra, Reasoning } from "../../domain/chat.ts";
import type { Failure } from "../../domain/error.ts";
import { defined } from "../defined.ts";
import {
  invalid,
  isObject,
  type Json,
  type Reading,
  readFlag,
  readInteger,
  readList,
  readNumber,
  readObject,
  readText,
  startReading,
} from "../reading.ts";
import { GATEWAY_FIELDS, HINT_FIELDS, KNOWN_FIELDS } from "./fields.ts";
import { decodeMessages } from "./messages-decode.ts";
import { decodeResponseFormat, decodeToolChoice, decodeTools } from "./tools.ts";

const TOKENS = [1, Number.MAX_SAFE_INTEGER] as const;
const EFFORTS: ReadonlySet<unknown> = new Set([
  "none",
  "minimal",
  "low",
  "medium",
  "high",
  "xhigh",
  "max",
]);

/** max_tokens is the older name; OpenAI refuses both at once unless they agree. */
const outputCap = (reading: Reading, body: Json): number | undefined => {
  const older = readInteger(reading, body["max_tokens"], "max_tokens", TOKENS);
  const cap = readInteger(reading, body["max_completion_tokens"], "max_completion_tokens", TOKENS);
  if (older !== undefined && cap !== undefined && older !== cap) invalid(reading, "max_tokens");
  return cap ?? older;
};

const stopSequences = (reading: Reading, value: unknown): readonly string[] | undefined => {
  if (typeof value === "string") return [value];
  const list = readList(reading, value, "stop");
  const wrong = list?.findIndex((entry) => typeof entry !== "string") ?? -1;
  if (wrong >= 0) invalid(reading, `stop[${wrong}]`);
  return list as readonly string[] | undefined;
};

/** `extra` takes what the canonical form has no word for, known by name or not. */
const effort = (
  reading: Reading,
  body: Json,
  extra: Record<string, unknown>,
): Reasoning | undefined => {
  const value = readText(reading, body["reasoning_effort"], "reasoning_effort");
  if (value === undefined) return undefined;
  if (EFFORTS.has(value)) return { effort: value as NonNullable<Reasoning["effort"]> };
  extra["reasoning_effort"] = value;
  reading.hints.add("reasoning_effort");
  return undefined;
};

/** OpenRouter's `reasoning: {effort, max_tokens, exclude, enabled}`, kept as it is for its own dialect. */
const reasoningObject = (reading: Reading, body: Json): Reasoning | undefined => {
  const fields = readObject(reading, body["reasoning"], "reasoning");
  if (fields === undefined) return undefined;
  const exclude = readFlag(reading, fields["exclude"], "reasoning.exclude");
  const level = readText(reading, fields["effort"], "reasoning.effort");
  if (level !== undefined && !EFFORTS.has(level)) invalid(reading, "reasoning.effort");
  return defined({
    effort: fields["enabled"] === false ? ("none" as const) : (level as Reasoning["effort"]),
    budget_tokens: readInteger(reading, fields["max_tokens"], "reasoning.max_tokens", TOKENS),
    include: exclude === undefined ? undefined : !exclude,
  });
};

const metadata = (
  reading: Reading,
  body: Json,
  extra: Record<string, unknown>,
): Readonly<Record<string, string>> | undefined => {
  const pairs = readObject(reading, body["metadata"], "metadata");
  if (pairs === undefined) return undefined;
  if (Object.values(pairs).every((value) => typeof value === "string")) {
    return pairs as Readonly<Record<string, string>>;
  }
  extra["metadata"] = pairs;
  reading.hints.add("metadata");
  return undefined;
};

const unknownFields = (reading: Reading, body: Json): Record<string, unknown> => {
  const extra: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(body)) {
    if (KNOWN_FIELDS.has(name) || GATEWAY_FIELDS.has(name)) continue;
    extra[name] = value;
    // `reasoning` is understood, and kept for servers that know more of it.
    if (value === null || name === "reasoning") continue;
    const textOnly = Array.isArray(value) && value.every((entry) => entry === "text");
    if (name === "modalities" && textOnly) continue;
    if (HINT_FIELDS.has(name)) reading.hints.add(name);
    else reading.unportable.push(name);
  }
  return extra;
};

const usageWanted = (reading: Reading, body: Json): boolean => {
  const options = readObject(reading, body["stream_options"], "stream_options");
  if (options?.["include_obfuscation"] !== undefined) {
    reading.hints.add("stream_options.include_obfuscation");
  }
  return readFlag(reading, options?.["include_usage"], "stream_options.include_usage") ?? false;
};

/** Spellings of a known field that the canonical form does not keep (Mistral's "any", a nameless schema). */
const isOwnSpelling = (name: string, value: unknown): boolean => {
  if (name === "tool_choice") return value === "any";
  if (name !== "response_format" || !isObject(value)) return false;
  const schema = value["json_schema"];
  return isObject(value["schema"]) || (isObject(schema) && typeof schema["name"] !== "string");
};

/** What only OpenAI's shape of a known field can say, so that the same dialect gets it back. */
const keepOwnShapes = (reading: Reading, body: Json, extra: Record<string, unknown>): void => {
  for (const name of ["tool_choice", "function_call", "response_format"]) {
    if (reading.unportable.includes(name) || isOwnSpelling(name, body[name])) {
      extra[name] = body[name];
    }
  }
  const options = body["stream_options"];
  if (isObject(options) && Object.keys(options).some((name) => name !== "include_usage")) {
    extra["stream_options"] = options;
  }
};

export const decodeRequest = (body: Json): Result<ChatRequest, Failure> => {
  const reading = startReading();
  const extra = unknownFields(reading, body);
  const number = (name: string, range: readonly [number, number]) =>
    readNumber(reading, body[name], name, range);
  const request = {
    messages: decodeMessages(reading, body["messages"]),
    stream: readFlag(reading, body["stream"], "stream") ?? false,
    include_usage: usageWanted(reading, body),
    ...defined({
      model: readText(reading, body["model"], "model"),
      max_output_tokens: outputCap(reading, body),
      temperature: number("temperature", [0, 2]),
      top_p: number("top_p", [0, 1]),
      top_k: readInteger(reading, body["top_k"], "top_k"),
      frequency_penalty: number("frequency_penalty", [-2, 2]),
      presence_penalty: number("presence_penalty", [-2, 2]),
      seed: readInteger(reading, body["seed"], "seed"),
      n: readInteger(reading, body["n"], "n", [1, 128]),
      stop: stopSequences(reading, body["stop"]),
      logprobs: readFlag(reading, body["logprobs"], "logprobs"),
      top_logprobs: readInteger(reading, body["top_logprobs"], "top_logprobs", [0, 20]),
      tools: decodeTools(reading, body),
      tool_choice: decodeToolChoice(reading, body),
      parallel_tool_calls: readFlag(reading, body["parallel_tool_calls"], "parallel_tool_calls"),
      response_format: decodeResponseFormat(reading, body["response_format"]),
      reasoning: effort(reading, body, extra) ?? reasoningObject(reading, body),
      user: readText(reading, body["user"], "user"),
      metadata: metadata(reading, body, extra),
      service_tier: readText(reading, body["service_tier"], "service_tier"),
    }),
    extra: extra satisfies Extra,
  };
  keepOwnShapes(reading, body, extra);
  if (reading.fault !== undefined) return err(reading.fault);
  const unportable = reading.unportable.length > 0 ? reading.unportable : undefined;
  const hints = reading.hints.size > 0 ? [...reading.hints] : undefined;
  return ok({ ...request, ...defined({ unportable, hints }) });
};
