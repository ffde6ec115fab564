/**
 * Decides: how a content block is read, of a caller's message and of an upstream's answer alike.
 * Never: refuses a block that it does not know: it travels as it is, within this dialect only.
 */
import type { Part, Source } from "../../domain/chat.ts";
import { readCacheMark } from "../cache-mark.ts";
import { defined } from "../defined.ts";
import {
  invalid,
  isObject,
  type Json,
  needText,
  type Reading,
  readExtra,
  readText,
} from "../reading.ts";
import { decodeCitations } from "./citations.ts";

/** Whose signature it is, in the words of OpenRouter's reasoning_details. */
export const CLAUDE_FORMAT = "anthropic-claude-v1";

const HINTS: ReadonlySet<string> = new Set(["caller"]);
const TEXT: ReadonlySet<string> = new Set([
  "type",
  "text",
  "cache_control",
  "citations",
  "signature",
]);
const THINKING: ReadonlySet<string> = new Set(["type", "thinking", "signature", "data"]);
const MEDIA: ReadonlySet<string> = new Set(["type", "source", "title", "cache_control"]);
const MEDIA_UNCITED: ReadonlySet<string> = new Set([...MEDIA, "citations"]);
const TOOL_USE: ReadonlySet<string> = new Set([
  "type",
  "id",
  "name",
  "input",
  "cache_control",
  "signature",
]);

const opaque = (reading: Reading, raw: Json, path: string): Part => {
  reading.unportable.push(path);
  return { type: "opaque", dialect: "anthropic-messages", raw };
};

const decodeSource = (reading: Reading, source: Json, path: string): Source | undefined => {
  const field = (name: string) => needText(reading, source[name], `${path}.${name}`);
  switch (source["type"]) {
    case "base64":
      return { kind: "data", media_type: field("media_type"), data: field("data") };
    case "url":
      return { kind: "url", url: field("url") };
    case "file":
      return { kind: "file", id: field("file_id") };
    case "text":
      return { kind: "text", text: field("data") };
    default:
      return undefined;
  }
};

/** Citations that are off say nothing; those that are on change the answer. */
const mediaFields = (block: Json): ReadonlySet<string> => {
  const citations = block["citations"];
  const off = isObject(citations) && citations["enabled"] !== true;
  return off ? MEDIA_UNCITED : MEDIA;
};

const mediaPart = (reading: Reading, block: Json, path: string): Part => {
  const source = block["source"];
  if (!isObject(source)) {
    invalid(reading, `${path}.source`);
    return opaque(reading, block, path);
  }
  const decoded = decodeSource(reading, source, `${path}.source`);
  if (decoded === undefined) return opaque(reading, block, path);
  const cache = readCacheMark(reading, block["cache_control"], `${path}.cache_control`);
  const extra = readExtra(reading, block, mediaFields(block), HINTS, path);
  if (block["type"] === "image") {
    return { type: "image", source: decoded, ...defined({ cache }), ...extra };
  }
  const filename = readText(reading, block["title"], `${path}.title`);
  return { type: "file", source: decoded, ...defined({ filename, cache }), ...extra };
};

/** An input is any JSON; its text is what other dialects call the arguments. */
const toolUse = (reading: Reading, block: Json, path: string): Part => ({
  type: "tool_call",
  id: needText(reading, block["id"], `${path}.id`),
  name: needText(reading, block["name"], `${path}.name`),
  arguments: JSON.stringify(block["input"] ?? {}),
  ...defined({
    cache: readCacheMark(reading, block["cache_control"], `${path}.cache_control`),
    signature: readText(reading, block["signature"], `${path}.signature`),
  }),
  ...readExtra(reading, block, TOOL_USE, HINTS, path),
});

export const decodeBlock = (reading: Reading, block: unknown, path: string): Part => {
  if (!isObject(block)) {
    invalid(reading, path);
    return { type: "text", text: "" };
  }
  switch (block["type"]) {
    case "text": {
      return {
        type: "text",
        text: needText(reading, block["text"], `${path}.text`),
        ...defined({
          cache: readCacheMark(reading, block["cache_control"], `${path}.cache_control`),
          citations: decodeCitations(block["citations"]),
          signature: readText(reading, block["signature"], `${path}.signature`),
        }),
        ...readExtra(reading, block, TEXT, HINTS, path),
      };
    }
    case "image":
    case "document":
      return mediaPart(reading, block, path);
    case "tool_use":
      return toolUse(reading, block, path);
    case "thinking": {
      const text = needText(reading, block["thinking"], `${path}.thinking`);
      const signature = readText(reading, block["signature"], `${path}.signature`);
      const optional = {
        ...defined({ signature }),
        ...readExtra(reading, block, THINKING, HINTS, path),
      };
      return { type: "thinking", text, format: CLAUDE_FORMAT, ...optional };
    }
    case "redacted_thinking": {
      const redacted = needText(reading, block["data"], `${path}.data`);
      return { type: "thinking", text: "", redacted, format: CLAUDE_FORMAT };
    }
    default:
      if (typeof block["type"] !== "string") invalid(reading, `${path}.type`);
      return opaque(reading, block, path);
  }
};

/** A string stands for one text block. */
export const decodeBlocks = (reading: Reading, content: unknown, path: string): Part[] => {
  if (typeof content === "string") return [{ type: "text", text: content }];
  if (!Array.isArray(content)) {
    invalid(reading, path);
    return [];
  }
  return content.map((block, index) => decodeBlock(reading, block, `${path}[${index}]`));
};
