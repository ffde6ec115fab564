/**
 * Decides: how the canonical conversation becomes `systemInstruction` and `contents`.
 * Never: invents text. What a part cannot say is refused by its path, or named among the dropped hints.
 */
import type { Message, Part, ThinkingPart, ToolCallPart } from "../../domain/chat.ts";
import { failure } from "../../domain/error.ts";
import { defined } from "../defined.ts";
import { isObject } from "../reading.ts";
import { encodeResult } from "./function-result.ts";
import { encodeMedia } from "./media.ts";
import { isThirdGeneration } from "./model-name.ts";
import { refuse, type Wire, type Writing } from "./wire.ts";

type Content = { role: "user" | "model"; parts: Wire[] };
type ToolMessage = Message & { role: "tool" };

/** In OpenRouter's words for who signed a thought. */
export const GEMINI_FORMAT = "google-gemini-v1";

/**
 * Base64 of `skip_thought_signature_validator`: what Google documents for tool calls that another
 * model made. Without any signature, generation 3 answers such a history with 400.
 */
const FOREIGN_CALL = "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I=";

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
const idField = (id: string): Wire => (PLACE_ID.test(id) ? {} : { id });

const argumentsOf = (text: string): unknown => {
  if (text.trim() === "") return {};
  try {
    return JSON.parse(text);
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

const encodePart = (writing: Writing, part: Part, path: string): Wire | undefined => {
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

const encodeParts = (writing: Writing, parts: readonly Part[], path: string): Wire[] =>
  parts
    .map((part, at) => encodePart(writing, part, `${path}.content[${at}]`))
    .filter((part) => part !== undefined);

const encodeAssistant = (writing: Writing, message: Message, path: string): Wire[] => {
  const parts = encodeParts(writing, message.content, path);
  const { from, model } = writing.target;
  const firstCall = parts.find((part) => part["functionCall"] !== undefined);
  if (firstCall !== undefined && from !== "gemini" && isThirdGeneration(model)) {
    firstCall["thoughtSignature"] ??= FOREIGN_CALL;
  }
  return parts;
};

/** `name` is that of the call which the result answers. Media stand inside, or before generation 3 beside it. */
const encodeToolResult = (
  writing: Writing,
  message: ToolMessage,
  name: string,
  path: string,
): Wire[] => {
  if (message.cache !== undefined) writing.dropped.add("messages[].content[].cache_control");
  const texts = message.content.filter((part) => part.type === "text");
  const others = message.content.filter((part) => part.type !== "text");
  const media = encodeParts(writing, others, path);
  const response = encodeResult(
    texts.map((part) => part.text).join("\n"),
    message.is_error === true,
    writing.target.from === "gemini",
  );
  const result = { ...idField(message.tool_call_id), name, response };
  if (media.length === 0) return [{ functionResponse: result }];
  const { from, model } = writing.target;
  return from === "gemini" || isThirdGeneration(model)
    ? [{ functionResponse: { ...result, parts: media } }]
    : [{ functionResponse: result }, ...media];
};

const encodeSystem = (writing: Writing, message: Message, path: string): Wire[] => {
  message.content.forEach((part, at) => {
    if (part.type !== "text") refuse(writing, `${path}.content[${at}]`);
  });
  return encodeParts(writing, message.content, path);
};

/** System and developer messages, wherever they stand, are the one system instruction that Gemini has. */
export const encodeMessages = (
  writing: Writing,
  messages: readonly Message[],
): { readonly system: readonly Wire[]; readonly contents: readonly Content[] } => {
  const names = new Map<string, string>();
  const system: Wire[] = [];
  const contents: Content[] = [];
  const add = (role: Content["role"], parts: Wire[]) => {
    if (parts.length > 0) contents.push({ role, parts });
  };
  messages.forEach((message, index) => {
    const path = `messages[${index}]`;
    if (message.name !== undefined && message.role !== "tool") {
      writing.dropped.add("messages[].name");
    }
    switch (message.role) {
      case "system":
      case "developer":
        system.push(...encodeSystem(writing, message, path));
        return;
      case "user":
        add("user", encodeParts(writing, message.content, path));
        return;
      case "assistant":
        for (const part of message.content) {
          if (part.type === "tool_call") names.set(part.id, part.name);
        }
        add("model", encodeAssistant(writing, message, path));
        return;
      case "tool": {
        const name = names.get(message.tool_call_id) ?? message.name;
        if (name === undefined) {
          writing.fault ??= failure("invalid_parameter", { param: `${path}.tool_call_id` });
          return;
        }
        const parts = encodeToolResult(writing, message, name, path);
        // The results of calls made together have to come back together.
        const before = contents.at(-1);
        if (before !== undefined && messages[index - 1]?.role === "tool")
          before.parts.push(...parts);
        else add("user", parts);
      }
    }
  });
  return { system, contents };
};
