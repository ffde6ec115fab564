/**
 * Decides: how sampling, stopping, logprobs, output format and reasoning stand in `generationConfig`.
 * Never: judges a value: what a model takes is for the provider to say.
 */
import type { ChatRequest, ResponseFormat } from "../../domain/chat.ts";
import { defined } from "../defined.ts";
import {
  isObject,
  type Json,
  type Reading,
  readFlag,
  readInteger,
  readList,
  readNumber,
} from "../reading.ts";
import { jsonSchemaOf } from "./schema.ts";
import { decodeReasoning, encodeReasoning } from "./thinking.ts";
import { take, unknownFields, type Wire, type Writing } from "./wire.ts";

const encodeFormat = (format: ResponseFormat): Wire => {
  if (format.type === "text") return { responseMimeType: "text/plain" };
  if (format.type === "json_object") return { responseMimeType: "application/json" };
  // The caller's description of the format has its place in the schema itself.
  const described = format.description === undefined ? {} : { description: format.description };
  return {
    responseMimeType: "application/json",
    responseJsonSchema: { ...described, ...format.schema },
  };
};

const encodeThinking = (writing: Writing, request: ChatRequest): Wire => {
  if (request.reasoning === undefined) return {};
  const thinkingConfig = encodeReasoning(request.reasoning, writing.target);
  if (thinkingConfig === undefined) {
    const anthropic = writing.target.from === "anthropic-messages";
    writing.dropped.add(anthropic ? "thinking" : "reasoning_effort");
    return {};
  }
  return Object.keys(thinkingConfig).length === 0 ? {} : { thinkingConfig };
};

export const encodeGenerationConfig = (writing: Writing, request: ChatRequest): Wire => ({
  ...defined({
    temperature: request.temperature,
    topP: request.top_p,
    topK: request.top_k,
    candidateCount: request.n,
    maxOutputTokens: request.max_output_tokens,
    stopSequences: request.stop,
    seed: request.seed,
    presencePenalty: request.presence_penalty,
    frequencyPenalty: request.frequency_penalty,
    responseLogprobs: request.logprobs,
    logprobs: request.top_logprobs,
  }),
  ...(request.response_format === undefined ? {} : encodeFormat(request.response_format)),
  ...encodeThinking(writing, request),
});

const FIELDS: ReadonlySet<string> = new Set([
  ...["temperature", "topP", "topK", "candidateCount", "maxOutputTokens", "stopSequences", "seed"],
  ...["presencePenalty", "frequencyPenalty", "responseLogprobs", "logprobs", "thinkingConfig"],
  ...["responseMimeType", "responseSchema", "responseJsonSchema", "responseModalities"],
]);

/** undefined for a format that only Gemini has (`text/x.enum`). */
const decodeFormat = (config: Json): ResponseFormat | undefined => {
  const type = take(config, "responseMimeType");
  if (type === "text/plain") return { type: "text" };
  if (type !== "application/json") return undefined;
  const json = take(config, "responseJsonSchema");
  const openApi = take(config, "responseSchema");
  const schema = isObject(json) ? json : isObject(openApi) ? jsonSchemaOf(openApi) : undefined;
  return schema === undefined
    ? { type: "json_object" }
    : { type: "json_schema", name: "response", schema };
};

const isTextOnly = (modalities: unknown): boolean =>
  Array.isArray(modalities) && modalities.length === 1 && modalities[0] === "TEXT";

const ANY: readonly [number, number] = [-Number.MAX_VALUE, Number.MAX_VALUE];

type Decoded = {
  readonly fields: Partial<ChatRequest>;
  /** What the canonical form has no name for. */
  readonly rest: Json;
};

export const decodeGenerationConfig = (reading: Reading, config: Json): Decoded => {
  const at = (name: string) => `generationConfig.${name}`;
  const number = (name: string) => readNumber(reading, take(config, name), at(name), ANY);
  const integer = (name: string) => readInteger(reading, take(config, name), at(name));
  const stop = readList(reading, take(config, "stopSequences"), at("stopSequences"));
  const thinking = take(config, "thinkingConfig");
  const format = decodeFormat(config);
  const modalities = take(config, "responseModalities");
  const mimeType = take(config, "responseMimeType");
  const rest = defined({
    ...Object.fromEntries(unknownFields(config, FIELDS).map((name) => [name, config[name]])),
    responseModalities: modalities,
    responseMimeType: format === undefined ? mimeType : undefined,
  });
  for (const name of Object.keys(rest)) {
    // Text alone is what every dialect answers with.
    if (name !== "responseModalities" || !isTextOnly(modalities)) reading.unportable.push(at(name));
  }
  return {
    rest,
    fields: defined({
      temperature: number("temperature"),
      top_p: number("topP"),
      top_k: number("topK"),
      n: integer("candidateCount"),
      max_output_tokens: integer("maxOutputTokens"),
      stop: stop?.filter((text) => typeof text === "string"),
      seed: integer("seed"),
      presence_penalty: number("presencePenalty"),
      frequency_penalty: number("frequencyPenalty"),
      logprobs: readFlag(reading, take(config, "responseLogprobs"), at("responseLogprobs")),
      top_logprobs: integer("logprobs"),
      response_format: format,
      reasoning: isObject(thinking) ? decodeReasoning(thinking) : undefined,
    }),
  };
};
