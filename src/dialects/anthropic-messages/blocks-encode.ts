/**
 * Decides: how a part is written as a content block, for an upstream and for a caller alike.
 * Never: writes an empty text: Anthropic refuses those.
 */
import { parseExactJson } from "../../base/exact-json.ts";
import type { FilePart, ImagePart, Part, Source, ToolCallPart } from "../../domain/chat.ts";
import { cacheControl } from "../cache-mark.ts";
import { textFromBase64 } from "../data-url.ts";
import { defined } from "../defined.ts";
import { isObject, type Json } from "../reading.ts";
import { encodeCitation } from "./citations.ts";

/** Anthropic compares media types to the letter, and many clients write the extension. */
const registered = (mediaType: string): string =>
  mediaType === "image/jpg" ? "image/jpeg" : mediaType;

const imageSource = (source: Source): Json | undefined => {
  switch (source.kind) {
    case "data":
      return { type: "base64", media_type: registered(source.media_type), data: source.data };
    case "url":
      return { type: "url", url: source.url };
    case "file":
      return { type: "file", file_id: source.id };
    case "text":
      return undefined;
  }
};

const plainText = (text: string): Json => ({ type: "text", media_type: "text/plain", data: text });

/** Documents are PDFs or plain text; other media cannot be said here. */
const documentSource = (source: Source): Json | undefined => {
  if (source.kind === "text") return plainText(source.text);
  if (source.kind !== "data" || source.media_type === "application/pdf") return imageSource(source);
  if (!source.media_type.startsWith("text/")) return undefined;
  const text = textFromBase64(source.data);
  return text === undefined ? undefined : plainText(text);
};

const mediaBlock = (part: ImagePart | FilePart): Json | undefined => {
  const image = part.type === "image";
  const source = image ? imageSource(part.source) : documentSource(part.source);
  if (source === undefined) return undefined;
  const title = image ? undefined : part.filename;
  return {
    type: image ? "image" : "document",
    source,
    ...defined({ title }),
    ...cacheControl(part.cache),
  };
};

/** The object that the arguments' text stands for; undefined when it is none. No text is no arguments. */
const inputOf = (part: ToolCallPart): Json | undefined => {
  if (part.arguments.trim() === "") return {};
  try {
    const input = parseExactJson(part.arguments);
    return isObject(input) ? input : undefined;
  } catch {
    return undefined;
  }
};

const bare = (part: Part): Json | undefined => {
  switch (part.type) {
    case "text": {
      const citations = part.citations?.flatMap((citation) => encodeCitation(citation) ?? []) ?? [];
      return {
        type: "text",
        text: part.text,
        ...(citations.length > 0 ? { citations } : {}),
        ...cacheControl(part.cache),
      };
    }
    case "refusal":
      return { type: "text", text: part.text };
    case "image":
    case "file":
      return mediaBlock(part);
    case "thinking":
      return part.redacted === undefined
        ? { type: "thinking", thinking: part.text, ...defined({ signature: part.signature }) }
        : { type: "redacted_thinking", data: part.redacted };
    case "tool_call": {
      const input = inputOf(part);
      if (input === undefined) return undefined;
      return { type: "tool_use", id: part.id, name: part.name, input, ...cacheControl(part.cache) };
    }
    case "opaque":
      return part.dialect === "anthropic-messages" ? part.raw : undefined;
    case "audio":
      return undefined;
  }
};

/** undefined where Anthropic has no such block. `native`: whether the part is in its own dialect. */
export const encodeBlock = (part: Part, native: boolean): Json | undefined => {
  const block = bare(part);
  const extra = native && "extra" in part ? part.extra : undefined;
  return block === undefined || extra === undefined ? block : { ...block, ...extra };
};
