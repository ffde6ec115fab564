/**
 * Decides: how a caller's messages request is read, and what is wrong with it. A count_tokens body is
 * one without `max_tokens`, so that field may be absent here.
 * Never: refuses what Anthropic may understand: that is kept, for this dialect only.
 */
import { err, ok, type Result } from "../../base/result.ts";
import type { ChatRequest, ResponseFormat } from "../../domain/chat.ts";
import type { Failure } from "../../domain/error.ts";
import { defined } from "../defined.ts";
import {
  invalid,
  isObject,
  type Json,
  type Reading,
  readExtra,
  readFlag,
  readInteger,
  readList,
  readNumber,
  readObject,
  readText,
  startReading,
} from "../reading.ts";
import { HINT_FIELDS, KNOWN_FIELDS, OUTPUT_FIELDS } from "./fields.ts";
import { decodeMessages } from "./messages-decode.ts";
import { decodeThinking } from "./thinking.ts";
import { decodeToolChoice, decodeTools } from "./tools.ts";

const NO_HINTS: ReadonlySet<string> = new Set();
const USER_ID: ReadonlySet<string> = new Set(["user_id"]);

/** 0 only fills the prompt cache: nobody else can do that. */
const outputCap = (reading: Reading, body: Json): number | undefined => {
  const range = [0, Number.MAX_SAFE_INTEGER] as const;
  const cap = readInteger(reading, body["max_tokens"], "max_tokens", range);
  if (cap === 0) reading.unportable.push("max_tokens");
  return cap;
};

const stopSequences = (reading: Reading, value: unknown): readonly string[] | undefined => {
  const list = readList(reading, value, "stop_sequences");
  const wrong = list?.findIndex((entry) => typeof entry !== "string") ?? -1;
  if (wrong >= 0) invalid(reading, `stop_sequences[${wrong}]`);
  return list as readonly string[] | undefined;
};

/** `output_config.format`, and `output_format` as it was called before. The schema has no name here. */
const responseFormat = (reading: Reading, body: Json): ResponseFormat | undefined => {
  const output = readObject(reading, body["output_config"], "output_config");
  const path = isObject(output?.["format"]) ? "output_config.format" : "output_format";
  const format = readObject(reading, output?.["format"] ?? body["output_format"], path);
  if (format === undefined) return undefined;
  if (format["type"] !== "json_schema") return invalid(reading, `${path}.type`);
  const schema = readObject(reading, format["schema"], `${path}.schema`);
  return schema === undefined
    ? invalid(reading, `${path}.schema`)
    : { type: "json_schema", name: "response", schema };
};

/** Claude Code asks for it with every thought: which of Claude's own thoughts Claude is to see again. */
const onlyClearsThoughts = (management: unknown): boolean =>
  isObject(management) &&
  Object.entries(management).every(
    ([name, edits]) =>
      name === "edits" &&
      Array.isArray(edits) &&
      edits.every((edit) => isObject(edit) && String(edit["type"]).startsWith("clear_thinking_")),
  );

/** Fields of the body, and of `output_config`, that the canonical form has no word for. */
const unknownFields = (reading: Reading, body: Json): Record<string, unknown> => {
  const extra: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(body)) {
    if (KNOWN_FIELDS.has(name)) continue;
    extra[name] = value;
    if (value === null) continue;
    const isHint = name === "context_management" && onlyClearsThoughts(value);
    if (isHint || HINT_FIELDS.has(name)) reading.hints.add(name);
    else reading.unportable.push(name);
  }
  const output = body["output_config"];
  if (isObject(output)) {
    const own = readExtra(reading, output, OUTPUT_FIELDS, NO_HINTS, "output_config").extra;
    if (own !== undefined) extra["output_config"] = own;
  }
  return extra;
};

const userOf = (
  reading: Reading,
  body: Json,
  extra: Record<string, unknown>,
): string | undefined => {
  const metadata = readObject(reading, body["metadata"], "metadata");
  if (metadata === undefined) return undefined;
  if (Object.keys(metadata).some((name) => !USER_ID.has(name))) {
    extra["metadata"] = metadata;
    reading.hints.add("metadata");
  }
  return readText(reading, metadata["user_id"], "metadata.user_id");
};

export const decodeRequest = (body: Json): Result<ChatRequest, Failure> => {
  const reading = startReading();
  const extra = unknownFields(reading, body);
  const request = {
    messages: decodeMessages(reading, body),
    stream: readFlag(reading, body["stream"], "stream") ?? false,
    include_usage: true,
    ...decodeToolChoice(reading, body["tool_choice"]),
    ...defined({
      model: readText(reading, body["model"], "model"),
      max_output_tokens: outputCap(reading, body),
      temperature: readNumber(reading, body["temperature"], "temperature", [0, 1]),
      top_p: readNumber(reading, body["top_p"], "top_p", [0, 1]),
      top_k: readInteger(reading, body["top_k"], "top_k", [0, Number.MAX_SAFE_INTEGER]),
      stop: stopSequences(reading, body["stop_sequences"]),
      tools: decodeTools(reading, body["tools"]),
      response_format: responseFormat(reading, body),
      reasoning: decodeThinking(reading, body),
      user: userOf(reading, body, extra),
      service_tier: readText(reading, body["service_tier"], "service_tier"),
    }),
    extra,
  };
  if (reading.unportable.includes("thinking")) extra["thinking"] = body["thinking"];
  if (reading.fault !== undefined) return err(reading.fault);
  const unportable = reading.unportable.length > 0 ? reading.unportable : undefined;
  const hints = reading.hints.size > 0 ? [...reading.hints] : undefined;
  return ok({ ...request, ...defined({ unportable, hints }) });
};
