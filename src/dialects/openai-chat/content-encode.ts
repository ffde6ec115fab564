/**
 * Decides: how a part is written in a message, of a request and of an answer alike.
 * Never: writes what another dialect's caller said in his own words (`extra`).
 */
import type { Extra, FilePart, ImagePart, Part } from "../../domain/chat.ts";
import { cacheControl } from "../cache-mark.ts";
import { dataUrl } from "../data-url.ts";
import { defined } from "../defined.ts";
import { isObject, type Json } from "../reading.ts";

/** What the reader understands: whether the request is in its own dialect, and cache marks. */
export type PartStyle = { readonly native: boolean; readonly marks: boolean };

const imageUrl = (part: ImagePart): string | undefined => {
  const { source } = part;
  if (source.kind === "url") return source.url;
  return source.kind === "data" ? dataUrl(source.media_type, source.data) : undefined;
};

/** OpenAI takes data, under a name, and its own file ids; OpenRouter also a link. */
const fileField = (part: FilePart, native: boolean): Json | undefined => {
  const { source, filename } = part;
  const name = defined({ filename });
  switch (source.kind) {
    case "file":
      return native ? { file_id: source.id, ...name } : undefined;
    case "url":
      return native ? { file_data: source.url, ...name } : undefined;
    case "data": {
      const named = native ? name : { filename: filename ?? "document" };
      return { file_data: dataUrl(source.media_type, source.data), ...named };
    }
    case "text":
      return undefined;
  }
};

/** Chat takes no plain-text files: the document stands in the message, under its name. */
const documentText = (text: string, name: string | undefined): string =>
  name === undefined ? text : `${name}\n\n${text}`;

/** `extra` may hold fields for beside the part's own one and for inside it. */
const withExtra = (part: Json, field: string, extra: Extra | undefined): Json => {
  if (extra === undefined) return part;
  const { [field]: within, ...beside } = extra;
  const own = part[field];
  const inside = isObject(within) && isObject(own) ? { [field]: { ...own, ...within } } : {};
  return { ...part, ...beside, ...inside };
};

const bare = (
  part: Part,
  native: boolean,
): readonly [field: string, value: unknown] | undefined => {
  switch (part.type) {
    case "text":
      return ["text", part.text];
    case "refusal":
      return ["refusal", part.text];
    case "image": {
      const url = imageUrl(part);
      return url === undefined
        ? undefined
        : ["image_url", { url, ...defined({ detail: part.detail }) }];
    }
    case "file": {
      if (part.source.kind === "text") {
        return ["text", documentText(part.source.text, part.filename)];
      }
      const file = fileField(part, native);
      return file && ["file", file];
    }
    case "audio":
      return ["input_audio", { data: part.data, format: part.format }];
    case "opaque":
    case "thinking":
    case "tool_call":
      return undefined;
  }
};

/** A part as OpenAI writes it; undefined where it has no way to say it. */
export const encodePart = (part: Part, { native, marks }: PartStyle): Json | undefined => {
  if (part.type === "opaque") return part.dialect === "openai-chat" ? part.raw : undefined;
  const written = bare(part, native);
  if (written === undefined) return undefined;
  const [field, value] = written;
  const cache = marks && "cache" in part ? cacheControl(part.cache) : {};
  const encoded = { type: field, [field]: value, ...cache };
  return native && "extra" in part ? withExtra(encoded, field, part.extra) : encoded;
};
