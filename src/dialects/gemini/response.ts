/**
 * Decides: how a whole answer crosses between the canonical form and Gemini's GenerateContentResponse.
 * Never: takes an answer without a candidate for one, unless it says that the prompt was blocked.
 */
import { parseExactJson } from "../../base/exact-json.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { ChatResponse, Choice, Part } from "../../domain/chat.ts";
import { defined } from "../defined.ts";
import type { AnswerContext } from "../dialect.ts";
import { fold } from "../fold.ts";
import { isObject } from "../reading.ts";
import { encodeCitations } from "./citations.ts";
import { encodeFinish } from "./finish.ts";
import { encodeLogprobs } from "./logprobs.ts";
import { chunkDecoder } from "./stream-decode.ts";
import { encodeUsage } from "./usage.ts";
import type { Wire } from "./wire.ts";

export const decodeResponse = (body: unknown): Result<ChatResponse, "invalid"> => {
  if (!isObject(body)) return err("invalid");
  const response = fold(chunkDecoder().decode(body));
  return response.choices.length > 0 ? ok(response) : err("invalid");
};

/** Arguments are JSON text that a model wrote; what is no object cannot stand in `args`. */
export const argsOf = (text: string): unknown => {
  try {
    const value = parseExactJson(text === "" ? "{}" : text);
    return isObject(value) ? value : { value };
  } catch {
    return { value: text };
  }
};

const encodePart = (part: Part): Wire[] => {
  switch (part.type) {
    case "text":
      return [{ text: part.text, ...defined({ thoughtSignature: part.signature }) }];
    case "refusal":
      return [{ text: part.text }];
    case "thinking":
      return part.redacted === undefined
        ? [{ text: part.text, thought: true, ...defined({ thoughtSignature: part.signature }) }]
        : [];
    case "tool_call": {
      const functionCall = { id: part.id, name: part.name, args: argsOf(part.arguments) };
      return [{ functionCall, ...defined({ thoughtSignature: part.signature }) }];
    }
    case "opaque":
      return part.dialect === "gemini" ? [{ ...part.raw }] : [];
    case "audio":
      return [{ inlineData: { mimeType: `audio/${part.format}`, data: part.data } }];
    case "image":
    case "file": {
      const { source } = part;
      return source.kind === "data"
        ? [{ inlineData: { mimeType: source.media_type, data: source.data } }]
        : [];
    }
  }
};

const groundingOf = (content: readonly Part[]): Wire => {
  const cited = content.findLast((part) => part.type === "text" && part.citations !== undefined);
  return cited?.type === "text" && cited.citations !== undefined
    ? { groundingMetadata: encodeCitations(cited.citations, cited.text) }
    : {};
};

const encodeChoice = (choice: Choice): Wire => ({
  content: { parts: choice.content.flatMap(encodePart), role: "model" },
  finishReason: encodeFinish(choice.finish_reason),
  index: choice.index,
  ...groundingOf(choice.content),
  ...(choice.logprobs ? { logprobsResult: encodeLogprobs(choice.logprobs) } : {}),
});

export const encodeResponse = (response: ChatResponse, context: AnswerContext): Wire => ({
  candidates: response.choices.map(encodeChoice),
  ...(response.usage ? { usageMetadata: encodeUsage(response.usage) } : {}),
  modelVersion: response.model,
  responseId: response.id === "" ? context.requestId : response.id,
});
