/**
 * Decides: how one part of a message stands on the wire.
 * Never: shows Gemini a signature that it did not make.
 */
import { parseExactJson } from "../../base/exact-json.ts";
import type { Part, ThinkingPart, ToolCallPart } from "../../domain/chat.ts";
import { failure } from "../../domain/error.ts";
import { defined } from "../defined.ts";
import { isObject } from "../reading.ts";
import { encodeMedia } from "./media.ts";
import { refuse, type Wire, type Writing } from "./wire.ts";

/** In OpenRouter's words for who signed a thought. */
export const GEMINI_FORMAT = "google-gemini-v1";

const encodeThinking = (writing: Writing, part: ThinkingPart): Wire | undefined => {
  if (part.redacted !== undefined) {
    const anthropic = writing.target.from === "anthropic-messages";
    writing.dropped.add(
      anthropic ? "messages[].content[].redacted_thinking" : "messages[].reasoning_details",
    );
    return undefined;
  }
  const ours = writing.target.from === "gemini" || part.format === GEMINI_FORMAT;
  const thoughtSignature = ours ? part.signature : undefined;
  return { text: part.text, thought: true, ...defined({ thoughtSignature }) };
};

/** Given to a Gemini caller's call that came without an id, after the place where it stands. */
const PLACE_ID = /^place_\d+_\d+$/;
export const placeId = (content: number, part: number): string => `place_${content}_${part}`;
export const idField = (id: string): Wire => (PLACE_ID.test(id) ? {} : { id });

const argumentsOf = (text: string): unknown => {
  if (text.trim() === "") return {};
  try {
    return parseExactJson(text);
  } catch {
    return undefined;
  }
};

const encodeCall = (writing: Writing, part: ToolCallPart, path: string): Wire => {
  const args = argumentsOf(part.arguments);
  if (!isObject(args)) {
    writing.fault ??= failure("invalid_parameter", { param: `${path}.arguments` });
  }
  return {
    functionCall: { ...idField(part.id), name: part.name, args },
    ...defined({ thoughtSignature: part.signature }),
  };
};

export const encodePart = (writing: Writing, part: Part, path: string): Wire | undefined => {
  if ("cache" in part && part.cache !== undefined) {
    writing.dropped.add("messages[].content[].cache_control");
  }
  switch (part.type) {
    case "text":
      return { text: part.text, ...defined({ thoughtSignature: part.signature }) };
    case "refusal":
      return { text: part.text };
    case "thinking":
      return encodeThinking(writing, part);
    case "tool_call":
      return encodeCall(writing, part, path);
    case "opaque":
      return part.dialect === "gemini" ? { ...part.raw } : refuse(writing, path);
    default:
      return encodeMedia(writing, part, path);
  }
};

export const encodeParts = (writing: Writing, parts: readonly Part[], path: string): Wire[] => {
  let calls = 0;
  /** Only a caller who writes arguments as text can get them wrong: his calls stand beside the content. */
  const placeOf = (part: Part, at: number): string =>
    part.type === "tool_call"
      ? `${path}.tool_calls[${calls++}].function`
      : `${path}.content[${at}]`;
  return parts
    .map((part, at) => encodePart(writing, part, placeOf(part, at)))
    .filter((part) => part !== undefined);
};
