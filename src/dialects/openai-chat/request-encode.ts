/**
 * Decides: how a canonical request is written for an OpenAI-speaking server, and what is left out.
 * Never: changes a cap or a temperature that the caller stated.
 */
import { err, ok, type Result } from "../../base/result.ts";
import type { ChatRequest, Reasoning } from "../../domain/chat.ts";
import type { Failure } from "../../domain/error.ts";
import { failure } from "../../domain/error.ts";
import { crossing } from "../crossing.ts";
import { defined } from "../defined.ts";
import type { Encoded, EncodeFor } from "../dialect.ts";
import { encodeMessages, type Writing } from "./messages-encode.ts";
import { encodeResponseFormat, encodeTool, encodeToolChoice } from "./tools.ts";

/**
 * OpenAI knows efforts only. The borders are those at which Anthropic-style budgets are commonly set:
 * up to 2,048 tokens are a short thought, up to 8,192 a usual one.
 */
const effortOf = ({ effort, budget_tokens: budget }: Reasoning): string | undefined => {
  if (effort !== undefined || budget === undefined) return effort;
  if (budget <= 2048) return "low";
  return budget <= 8192 ? "medium" : "high";
};

/** A caller who sent OpenRouter's `reasoning` object gets that one back and no second wish beside it. */
const ownEffort = ({ reasoning, extra }: ChatRequest): string | undefined =>
  "reasoning" in extra ? undefined : reasoning?.effort;

const streamOptions = (request: ChatRequest, native: boolean): Record<string, unknown> => {
  const own = native ? request.extra["stream_options"] : undefined;
  const wanted = request.stream && request.include_usage;
  if (!wanted && own === undefined) return {};
  return { stream_options: { ...(own ?? {}), ...(wanted ? { include_usage: true } : {}) } };
};

/** Fields that this dialect does not have, by the name under which other dialects' callers sent them. */
const dropForeign = (request: ChatRequest, writing: Writing): void => {
  if (request.top_k !== undefined) writing.dropped.add("top_k");
  if (request.service_tier !== undefined) writing.dropped.add("service_tier");
  if (request.reasoning?.include !== undefined) writing.dropped.add("thinking.display");
  if (request.tools?.some((tool) => tool.cache !== undefined) && !writing.marks) {
    writing.dropped.add("tools[].cache_control");
  }
};

/** Characters; OpenAI refuses a longer name for the end user. Claude Code's has some 150. */
const LONGEST_USER = 64;

/** The end user's name, where it can be said; else it is dropped. */
const userOf = ({ user }: ChatRequest, { native, dropped }: Writing): string | undefined => {
  if (native || user === undefined || user.length <= LONGEST_USER) return user;
  dropped.add("metadata.user_id");
  return undefined;
};

const unsupportedTool = (request: ChatRequest): number =>
  request.tools?.findIndex((tool) => tool.native !== undefined) ?? -1;

export const encodeRequest = (
  request: ChatRequest,
  target: EncodeFor,
): Result<Encoded, Failure> => {
  const native = target.from === "openai-chat";
  const crossed = crossing(request, target.from, "openai-chat");
  if (!crossed.ok) return crossed;
  const writing: Writing = {
    native,
    marks: native || (target.extensions?.has("cache_control") ?? false),
    reasoning: native || (target.extensions?.has("reasoning") ?? false),
    dropped: crossed.value,
    fault: undefined,
  };
  const alien = native ? -1 : unsupportedTool(request);
  if (alien >= 0) return err(failure("unsupported_parameter", { param: `tools[${alien}]` }));
  if (!native) dropForeign(request, writing);
  const { reasoning } = request;
  /** The caller's own spelling of a field wins in his own dialect. */
  const own = (field: string): unknown => (native ? request.extra[field] : undefined);
  const choice = request.tool_choice && encodeToolChoice(request.tool_choice);
  const format = request.response_format && encodeResponseFormat(request.response_format);
  const body = {
    ...(native ? request.extra : {}),
    model: target.model,
    messages: encodeMessages(writing, request.messages),
    ...(request.stream ? { stream: true } : {}),
    ...streamOptions(request, native),
    ...defined({
      max_completion_tokens: request.max_output_tokens,
      temperature: request.temperature,
      top_p: request.top_p,
      top_k: native ? request.top_k : undefined,
      frequency_penalty: request.frequency_penalty,
      presence_penalty: request.presence_penalty,
      seed: request.seed,
      n: request.n,
      stop: request.stop,
      logprobs: request.logprobs,
      top_logprobs: request.top_logprobs,
      tools: request.tools?.map((tool) => encodeTool(tool, writing)),
      tool_choice: own("tool_choice") ?? choice,
      parallel_tool_calls: request.tools || native ? request.parallel_tool_calls : undefined,
      response_format: own("response_format") ?? format,
      reasoning_effort: reasoning && (native ? ownEffort(request) : effortOf(reasoning)),
      user: userOf(request, writing),
      metadata: request.metadata,
      service_tier: native ? request.service_tier : undefined,
    }),
  };
  return writing.fault === undefined
    ? ok({ body, dropped: [...writing.dropped] })
    : err(writing.fault);
};
