/**
 * Decides: how a canonical request is written for an Anthropic-speaking server, and what is left out.
 * Never: lowers a cap that the caller stated.
 */
import { err, ok, type Result } from "../../base/result.ts";
import type { ChatRequest } from "../../domain/chat.ts";
import type { Failure } from "../../domain/error.ts";
import { failure } from "../../domain/error.ts";
import { crossing } from "../crossing.ts";
import { defined } from "../defined.ts";
import type { Encoded, EncodeFor } from "../dialect.ts";
import { isObject } from "../reading.ts";
import { type Generation, generationOf } from "./generation.ts";
import { encodeMessages, type Writing } from "./messages-encode.ts";
import { lacksOwnThought } from "./own-thoughts.ts";
import {
  type Asked,
  adaptiveThinking,
  budgetThinking,
  ownThinking,
  wantedBudget,
} from "./thinking.ts";
import { encodeTool, encodeToolChoice } from "./tools.ts";

/** Where neither the caller nor the configuration says: what every Claude model can write. */
const DEFAULT_MAX_TOKENS = 4096;

/** A cap is mandatory here. One that nobody stated leaves room for the thinking that was asked for. */
const outputCap = (request: ChatRequest, target: EncodeFor): number => {
  const stated = request.max_output_tokens ?? target.maxOutput;
  if (stated !== undefined) return stated;
  const budget = request.reasoning === undefined ? undefined : wantedBudget(request.reasoning);
  return DEFAULT_MAX_TOKENS + (budget ?? 0);
};

/** The first field that changes the answer and that Anthropic does not have. */
const unsupported = (request: ChatRequest, generation: Generation): string | undefined => {
  if (request.n !== undefined && request.n > 1) return "n";
  if (request.logprobs === true) return "logprobs";
  if (request.top_logprobs !== undefined) return "top_logprobs";
  const format = request.response_format?.type;
  if (format === "json_object") return "response_format";
  if (format === "json_schema" && !generation.structured) return "response_format";
  const alien = request.tools?.findIndex((tool) => tool.native !== undefined) ?? -1;
  return alien >= 0 ? `tools[${alien}]` : undefined;
};

const FOREIGN_HINTS = [
  "seed",
  "frequency_penalty",
  "presence_penalty",
  "metadata",
  "service_tier",
] as const;

const forcesTool = ({ tool_choice: choice }: ChatRequest): boolean =>
  choice === "required" || typeof choice === "object";

/**
 * Forced tools and thinking exclude each other; the tools are what was said plainly. An agent whose client has kept no
 * thoughts goes on without them: asked to think, a model with a budget would refuse the whole conversation.
 */
const crossedThinking = (
  request: ChatRequest,
  generation: Generation,
  cap: number,
  dropped: Set<string>,
): Asked => {
  const { reasoning } = request;
  if (reasoning === undefined) return { thinks: false };
  const asked = generation.adaptive ? adaptiveThinking(reasoning) : budgetThinking(reasoning, cap);
  const wanted = reasoning.effort !== "none";
  const refused =
    forcesTool(request) || (!generation.adaptive && lacksOwnThought(request.messages));
  if (wanted && (!asked.thinks || refused)) {
    dropped.add("reasoning_effort");
    return { thinks: false };
  }
  return asked;
};

type Samplers = Pick<ChatRequest, "temperature" | "top_p" | "top_k">;

/** What the model's generation, or its thinking, refuses is dropped; temperatures end at 1 here. */
const crossedSamplers = (
  request: ChatRequest,
  generation: Generation,
  thinks: boolean,
  dropped: Set<string>,
): Samplers => {
  const { temperature, top_p, top_k } = request;
  const keep = <Value>(name: keyof Samplers, value: Value, allowed: boolean): Value | undefined => {
    if (value !== undefined && !allowed) dropped.add(name);
    return allowed ? value : undefined;
  };
  const samples = generation.sampling && !thinks;
  const both = temperature !== undefined && !generation.twoSamplers;
  if (temperature !== undefined && temperature > 1 && samples) dropped.add("temperature");
  return defined({
    temperature: keep("temperature", temperature && Math.min(temperature, 1), samples),
    top_p: keep("top_p", top_p, samples && !both),
    top_k: keep("top_k", top_k, samples),
  });
};

/** What a JSON schema or a tool says beyond what Anthropic takes. */
const noteSchemaHints = (
  { tools, response_format: format }: ChatRequest,
  generation: Generation,
  dropped: Set<string>,
): void => {
  const strict = tools?.some((tool) => tool.strict === true) ?? false;
  if (strict && !generation.structured) dropped.add("tools[].function.strict");
  if (format?.type === "json_schema" && format.description !== undefined) {
    dropped.add("response_format.json_schema.description");
  }
};

export const encodeRequest = (
  request: ChatRequest,
  target: EncodeFor,
): Result<Encoded, Failure> => {
  const native = target.from === "anthropic-messages";
  const crossed = crossing(request, target.from, "anthropic-messages");
  if (!crossed.ok) return crossed;
  const dropped = crossed.value;
  const generation = generationOf(target.model);
  const param = native ? undefined : unsupported(request, generation);
  if (param !== undefined) return err(failure("unsupported_parameter", { param }));
  if (!native) {
    for (const name of FOREIGN_HINTS) if (request[name] !== undefined) dropped.add(name);
    noteSchemaHints(request, generation, dropped);
  }
  const cap = outputCap(request, target);
  const asked = native
    ? ownThinking(request.reasoning ?? {})
    : crossedThinking(request, generation, cap, dropped);
  const samplers: Samplers = native
    ? request
    : crossedSamplers(request, generation, asked.thinks, dropped);
  const writing: Writing = {
    native,
    systemTurns: generation.systemTurns,
    dropped,
    fault: undefined,
  };
  const format = request.response_format;
  const ownOutput = native ? request.extra["output_config"] : undefined;
  const output = {
    ...(isObject(ownOutput) ? ownOutput : {}),
    ...defined({
      effort: asked.effort,
      format:
        format?.type === "json_schema" ? { type: "json_schema", schema: format.schema } : undefined,
    }),
  };
  const ownMetadata = native ? request.extra["metadata"] : undefined;
  const body = {
    ...(native ? request.extra : {}),
    model: target.model,
    max_tokens: cap,
    ...encodeMessages(writing, request.messages),
    ...(request.stream ? { stream: true } : {}),
    ...defined({
      temperature: samplers.temperature,
      top_p: samplers.top_p,
      top_k: samplers.top_k,
      stop_sequences: request.stop,
      tools: request.tools?.map((tool) => encodeTool(tool, native, generation.structured)),
      tool_choice: encodeToolChoice(request),
      thinking: asked.thinking,
      output_config: Object.keys(output).length > 0 ? output : undefined,
      service_tier: native ? request.service_tier : undefined,
    }),
    ...(request.user === undefined
      ? {}
      : { metadata: { ...(isObject(ownMetadata) ? ownMetadata : {}), user_id: request.user } }),
  };
  return writing.fault === undefined ? ok({ body, dropped: [...dropped] }) : err(writing.fault);
};
