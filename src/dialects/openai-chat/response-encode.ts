/**
 * Decides: how a canonical answer is written as a chat completion.
 * Never: leaves out a field that OpenAI's schema requires.
 */
import type { ChatResponse, Choice, Part, TextPart } from "../../domain/chat.ts";
import type { AnswerContext } from "../dialect.ts";
import { type Cited, citationFields } from "./citations.ts";
import { encodePart } from "./content-encode.ts";
import { encodeFinish } from "./finish.ts";
import { encodeLogprobs } from "./logprobs.ts";
import { reasoningFields } from "./reasoning.ts";
import { encodeToolCall, signatureField } from "./tool-calls.ts";
import { encodeUsage } from "./usage.ts";

/** Callers understand signatures and send them back; cache marks say nothing to them. */
const ANSWER = { native: false, marks: false, reasoning: true };

type PartOf<Type extends Part["type"]> = Extract<Part, { type: Type }>;

const ofType = <Type extends Part["type"]>(parts: readonly Part[], type: Type): PartOf<Type>[] =>
  parts.filter((part): part is PartOf<Type> => part.type === type);

const citedParts = (texts: readonly TextPart[]): Cited[] => {
  let from = 0;
  return texts.flatMap((part) => {
    const start = from;
    from += part.text.length;
    return (part.citations ?? []).map((citation) => ({ citation, from: start, to: from }));
  });
};

const encodeMessage = (parts: readonly Part[]): Record<string, unknown> => {
  const texts = ofType(parts, "text");
  const refusals = ofType(parts, "refusal");
  const calls = ofType(parts, "tool_call").map((part) => encodeToolCall(part, ANSWER));
  const images = ofType(parts, "image").flatMap((part) => encodePart(part, ANSWER) ?? []);
  return {
    role: "assistant",
    content: texts.length > 0 ? texts.map((part) => part.text).join("") : null,
    refusal: refusals.length > 0 ? refusals.map((part) => part.text).join("") : null,
    ...reasoningFields(ofType(parts, "thinking")),
    ...citationFields(citedParts(texts)),
    ...(images.length > 0 ? { images } : {}),
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
    ...signatureField(texts.at(-1)?.signature),
  };
};

const encodeChoice = (choice: Choice): Record<string, unknown> => ({
  index: choice.index,
  message: encodeMessage(choice.content),
  logprobs: encodeLogprobs(choice.logprobs),
  finish_reason: encodeFinish(choice.finish_reason),
});

export const encodeResponse = (
  response: ChatResponse,
  context: AnswerContext,
): Record<string, unknown> => ({
  ...(context.from === "openai-chat" ? response.extra : {}),
  id: response.id === "" ? context.requestId : response.id,
  object: "chat.completion",
  created: response.created ?? context.created,
  model: response.model,
  choices: response.choices.map(encodeChoice),
  ...(response.usage ? { usage: encodeUsage(response.usage) } : {}),
});
