/**
 * Decides: how a canonical answer is written as a message.
 * Never: shows more than one alternative: callers of this dialect cannot ask for several.
 */
import type { ChatResponse, Part } from "../../domain/chat.ts";
import type { AnswerContext } from "../dialect.ts";
import type { Json } from "../reading.ts";
import { encodeBlock } from "./blocks-encode.ts";
import { encodeFinish } from "./finish.ts";
import { encodeUsage } from "./usage.ts";

/** Gemini's signatures have no place in this dialect; callers who send blocks back as they came keep them. */
const signed = (part: Part, block: Json): Json => {
  const signature = part.type === "text" || part.type === "tool_call" ? part.signature : undefined;
  return signature === undefined ? block : { ...block, signature };
};

/** A model's thinking always has a signature here, be it an empty one. */
const answerBlock = (part: Part, native: boolean): Json[] => {
  // Arguments that are not JSON (a truncated call) are shown as they are.
  const block =
    encodeBlock(part, native) ??
    (part.type === "tool_call"
      ? { type: "tool_use", id: part.id, name: part.name, input: { arguments: part.arguments } }
      : undefined);
  if (block === undefined) return [];
  const complete = block["type"] === "thinking" ? { signature: "", ...block } : block;
  return [signed(part, complete)];
};

export const encodeResponse = (
  response: ChatResponse,
  context: AnswerContext,
): Record<string, unknown> => {
  const choice = response.choices[0];
  const content = choice?.content ?? [];
  const native = context.from === "anthropic-messages";
  const refused = content.some((part) => part.type === "refusal");
  return {
    ...(native ? response.extra : {}),
    id: response.id === "" ? context.requestId : response.id,
    type: "message",
    role: "assistant",
    model: response.model,
    content: content.flatMap((part) => answerBlock(part, native)),
    stop_reason: encodeFinish(choice?.finish_reason ?? "unknown", refused),
    stop_sequence: choice?.stop_sequence ?? null,
    usage: encodeUsage(response.usage ?? {}),
  };
};
