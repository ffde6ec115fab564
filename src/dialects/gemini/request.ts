/**
 * Decides: how a whole request crosses between the canonical form and Gemini's body.
 * Never: writes the model or whether to stream: in this dialect both stand in the URL.
 */
import { err, ok, type Result } from "../../base/result.ts";
import type { ChatRequest } from "../../domain/chat.ts";
import type { Failure } from "../../domain/error.ts";
import { crossing } from "../crossing.ts";
import { defined } from "../defined.ts";
import type { Encoded, EncodeFor } from "../dialect.ts";
import { isObject, type Json, readObject, startReading } from "../reading.ts";
import { decodeMessages } from "./contents-decode.ts";
import { encodeMessages } from "./contents-encode.ts";
import { decodeGenerationConfig, encodeGenerationConfig } from "./generation-config.ts";
import { decodeToolChoice, decodeTools, encodeToolChoice, encodeTools } from "./tools.ts";
import { merged, refuse, take, unknownFields, type Wire, type Writing } from "./wire.ts";

/** Attribution and service hints: Gemini knows none of them, and no answer depends on them. */
const dropHints = ({ target, dropped }: Writing, request: ChatRequest): void => {
  const anthropic = target.from === "anthropic-messages";
  if (request.user !== undefined) dropped.add(anthropic ? "metadata.user_id" : "user");
  if (request.metadata !== undefined) dropped.add("metadata");
  if (request.service_tier !== undefined) dropped.add("service_tier");
};

export const encodeRequest = (
  request: ChatRequest,
  target: EncodeFor,
): Result<Encoded, Failure> => {
  const dropped = crossing(request, target.from, "gemini");
  if (!dropped.ok) return dropped;
  const writing: Writing = { target, dropped: dropped.value, fault: undefined };
  dropHints(writing, request);
  // Where nothing can be called, nothing can be called at once.
  const mayCall = (request.tools ?? []).length > 0 && request.tool_choice !== "none";
  if (request.parallel_tool_calls === false && mayCall) {
    const anthropic = target.from === "anthropic-messages";
    refuse(writing, anthropic ? "tool_choice.disable_parallel_tool_use" : "parallel_tool_calls");
  }
  const { system, contents } = encodeMessages(writing, request.messages);
  const tools = encodeTools(writing, request.tools ?? []);
  const generationConfig = encodeGenerationConfig(writing, request);
  const body: Wire = {
    ...(system.length > 0 ? { systemInstruction: { parts: system } } : {}),
    contents,
    ...(tools.length > 0 ? { tools } : {}),
    ...(request.tool_choice ? { toolConfig: encodeToolChoice(request.tool_choice) } : {}),
    ...(Object.keys(generationConfig).length > 0 ? { generationConfig } : {}),
  };
  if (writing.fault !== undefined) return err(writing.fault);
  return ok({
    body: target.from === "gemini" ? merged(request.extra, body) : body,
    dropped: [...writing.dropped],
  });
};

const FIELDS: ReadonlySet<string> = new Set([
  ...["contents", "systemInstruction", "tools", "toolConfig", "generationConfig"],
  ...["model", "stream"],
]);
/** Billing labels and the tier of service: no answer depends on them. */
const HINTS: ReadonlySet<string> = new Set(["labels", "serviceTier", "service_tier"]);

const CHOICE_FIELDS: ReadonlySet<string> = new Set(["functionCallingConfig"]);
const NO_FIELDS: ReadonlySet<string> = new Set();

/**
 * A Gemini body. `model` and `stream`, which stand in the URL, may have been put beside it by whoever
 * read the URL; usage is always reported.
 */
export const decodeRequest = (body: Json): Result<ChatRequest, Failure> => {
  const reading = startReading();
  const messages = decodeMessages(reading, body);
  const tools = decodeTools(reading, body["tools"]);
  const toolConfig = readObject(reading, take(body, "toolConfig"), "toolConfig") ?? {};
  const tool_choice = decodeToolChoice(toolConfig);
  const config = readObject(reading, take(body, "generationConfig"), "generationConfig") ?? {};
  const { fields, rest } = decodeGenerationConfig(reading, config);
  const choiceRest = Object.fromEntries(
    unknownFields(toolConfig, tool_choice === undefined ? NO_FIELDS : CHOICE_FIELDS).map((name) => [
      name,
      toolConfig[name],
    ]),
  );
  reading.unportable.push(...Object.keys(choiceRest).map((name) => `toolConfig.${name}`));
  const system = take(body, "systemInstruction");
  const role = isObject(system) ? system["role"] : undefined;
  const extra: Wire = {
    ...(role === undefined ? {} : { systemInstruction: { role } }),
    ...(Object.keys(rest).length > 0 ? { generationConfig: rest } : {}),
    ...(Object.keys(choiceRest).length > 0 ? { toolConfig: choiceRest } : {}),
  };
  for (const name of unknownFields(body, FIELDS)) {
    extra[name] = body[name];
    if (HINTS.has(name)) reading.hints.add(name);
    else reading.unportable.push(name);
  }
  if (reading.fault !== undefined) return err(reading.fault);
  const model = typeof body["model"] === "string" ? body["model"] : undefined;
  const { unportable, hints } = reading;
  return ok({
    ...fields,
    messages,
    stream: body["stream"] === true,
    include_usage: true,
    extra,
    ...defined({
      model,
      tools,
      tool_choice,
      unportable: unportable.length > 0 ? unportable : undefined,
      hints: hints.size > 0 ? [...hints] : undefined,
    }),
  });
};
