/**
 * Decides: how thoughts stand in an OpenAI message: `reasoning_content` (DeepSeek, xAI) or `reasoning`
 * (Groq, Ollama) for the text, OpenRouter's `reasoning_details` where signatures must survive.
 * Never: shows a signature to a provider that did not make it; `format` says whose it is.
 */
import type { ThinkingPart } from "../../domain/chat.ts";
import { defined } from "../defined.ts";
import { textIn } from "../loosely.ts";
import { isObject, type Json } from "../reading.ts";

/** One entry of `reasoning_details`; `index` tells the blocks of a stream apart. */
export type Thought = { readonly part: ThinkingPart; readonly index: number | undefined };

const thought = (detail: unknown): Thought[] => {
  if (!isObject(detail)) return [];
  const index = typeof detail["index"] === "number" ? detail["index"] : undefined;
  const format = textIn(detail["format"]);
  const signature = textIn(detail["signature"]);
  switch (detail["type"]) {
    case "reasoning.text":
    case "reasoning.summary": {
      const words = textIn(detail["text"]) ?? textIn(detail["summary"]) ?? "";
      return [
        { index, part: { type: "thinking", text: words, ...defined({ signature, format }) } },
      ];
    }
    case "reasoning.encrypted": {
      const redacted = textIn(detail["data"]);
      if (redacted === undefined) return [];
      return [{ index, part: { type: "thinking", text: "", redacted, ...defined({ format }) } }];
    }
    default:
      return [];
  }
};

/** The thoughts in a message or in a delta. Details win: OpenRouter sends the text twice. */
export const thoughtsOf = (message: Json): Thought[] => {
  const details = message["reasoning_details"];
  const detailed = Array.isArray(details) ? details.flatMap(thought) : [];
  if (detailed.length > 0) return detailed;
  const plain = textIn(message["reasoning_content"]) ?? textIn(message["reasoning"]);
  if (plain === undefined || plain === "") return [];
  return [{ index: undefined, part: { type: "thinking", text: plain } }];
};

const detail = (part: ThinkingPart, index: number): Json => {
  const format = part.format;
  return part.redacted === undefined
    ? {
        type: "reasoning.text",
        text: part.text,
        ...defined({ signature: part.signature, format }),
        index,
      }
    : { type: "reasoning.encrypted", data: part.redacted, ...defined({ format }), index };
};

const needsDetail = (part: ThinkingPart): boolean =>
  part.signature !== undefined || part.redacted !== undefined || part.format !== undefined;

/** Fields of a whole message; none where it has no thoughts. */
export const reasoningFields = (parts: readonly ThinkingPart[]): Record<string, unknown> => {
  const words = parts.map((part) => part.text).join("");
  const detailed = parts.length > 1 || parts.some(needsDetail);
  return {
    ...(words === "" ? {} : { reasoning_content: words }),
    ...(detailed ? { reasoning_details: parts.map(detail) } : {}),
  };
};

/** Fields of one delta; none for the mere beginning of a block. `block` counts the thinking blocks of the answer. */
export const reasoningDelta = (part: ThinkingPart, block: number): Record<string, unknown> => {
  const sealed = part.signature !== undefined || part.redacted !== undefined;
  if (part.text === "" && !sealed) return {};
  return {
    ...(part.text === "" ? {} : { reasoning_content: part.text }),
    ...(needsDetail(part) || block > 0 ? { reasoning_details: [detail(part, block)] } : {}),
  };
};
