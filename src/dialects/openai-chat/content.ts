/**
 * Decides: how the content of a message – a string, or a list of parts – is read and written.
 * Never: refuses a part that it does not know: it travels as it is, within this dialect only.
 */
import type { FilePart, ImagePart, Part, Source } from "../../domain/chat.ts";
import { cacheControl, readCacheMark } from "../cache-mark.ts";
import { dataUrl, sourceFromUrl } from "../data-url.ts";
import { defined } from "../defined.ts";
import {
  invalid,
  isObject,
  type Json,
  needText,
  noteUnknown,
  type Reading,
  readText,
} from "../reading.ts";

const NO_HINTS: ReadonlySet<string> = new Set();
const PART_HINTS: ReadonlySet<string> = new Set(["prompt_cache_breakpoint"]);
const IMAGE_FIELDS: ReadonlySet<string> = new Set(["url", "detail"]);
const AUDIO_FIELDS: ReadonlySet<string> = new Set(["data", "format"]);
const FILE_FIELDS: ReadonlySet<string> = new Set(["file_data", "file_id", "filename"]);

const known = (field: string): ReadonlySet<string> => new Set(["type", "cache_control", field]);
const KNOWN = {
  text: known("text"),
  refusal: known("refusal"),
  image_url: known("image_url"),
  input_audio: known("input_audio"),
  file: known("file"),
};

/** The object under the part's own field; a text instead of it is wrong, except for an image's link. */
const inner = (
  reading: Reading,
  part: Json,
  field: string,
  fields: ReadonlySet<string>,
  path: string,
): Json => {
  const value = part[field];
  if (!isObject(value)) {
    invalid(reading, `${path}.${field}`);
    return {};
  }
  noteUnknown(reading, value, fields, NO_HINTS, `${path}.${field}`);
  return value;
};

const imagePart = (reading: Reading, part: Json, path: string): Part => {
  // Mistral takes the link itself in place of {url}.
  const link = part["image_url"];
  const image: Json =
    typeof link === "string"
      ? { url: link }
      : inner(reading, part, "image_url", IMAGE_FIELDS, path);
  const source = sourceFromUrl(needText(reading, image["url"], `${path}.image_url`));
  if (source === undefined) invalid(reading, `${path}.image_url`);
  return {
    type: "image",
    source: source ?? { kind: "url", url: "" },
    ...defined({
      detail: readText(reading, image["detail"], `${path}.image_url.detail`),
      cache: readCacheMark(reading, part["cache_control"], `${path}.cache_control`),
    }),
  };
};

const fileSource = (reading: Reading, file: Json, path: string): Source => {
  const id = readText(reading, file["file_id"], `${path}.file_id`);
  if (id !== undefined) return { kind: "file", id };
  const data = needText(reading, file["file_data"], `${path}.file_data`);
  const source = sourceFromUrl(data);
  if (source !== undefined) return source;
  // Some clients send bare base64; only PDFs are documented.
  return { kind: "data", media_type: "application/pdf", data };
};

const filePart = (reading: Reading, part: Json, path: string): Part => {
  const file = inner(reading, part, "file", FILE_FIELDS, path);
  return {
    type: "file",
    source: fileSource(reading, file, `${path}.file`),
    ...defined({
      filename: readText(reading, file["filename"], `${path}.file.filename`),
      cache: readCacheMark(reading, part["cache_control"], `${path}.cache_control`),
    }),
  };
};

const audioPart = (reading: Reading, part: Json, path: string): Part => {
  const audio = inner(reading, part, "input_audio", AUDIO_FIELDS, path);
  return {
    type: "audio",
    format: needText(reading, audio["format"], `${path}.input_audio.format`),
    data: needText(reading, audio["data"], `${path}.input_audio.data`),
  };
};

const decodePart = (reading: Reading, part: unknown, path: string): Part => {
  if (typeof part === "string") return { type: "text", text: part };
  if (!isObject(part)) {
    invalid(reading, path);
    return { type: "text", text: "" };
  }
  const type = part["type"];
  switch (type) {
    case "text":
    case "refusal":
    case "image_url":
    case "input_audio":
    case "file":
      noteUnknown(reading, part, KNOWN[type], PART_HINTS, path);
      break;
    default:
      if (typeof type !== "string") invalid(reading, `${path}.type`);
      reading.unportable.push(path);
      return { type: "opaque", dialect: "openai-chat", raw: part };
  }
  switch (type) {
    case "text": {
      const cache = readCacheMark(reading, part["cache_control"], `${path}.cache_control`);
      const text = needText(reading, part["text"], `${path}.text`);
      return { type: "text", text, ...defined({ cache }) };
    }
    case "refusal":
      return { type, text: needText(reading, part["refusal"], `${path}.refusal`) };
    case "image_url":
      return imagePart(reading, part, path);
    case "input_audio":
      return audioPart(reading, part, path);
    case "file":
      return filePart(reading, part, path);
  }
};

/** Absent content is no parts. */
export const decodeContent = (reading: Reading, content: unknown, path: string): Part[] => {
  if (content === undefined || content === null) return [];
  if (typeof content === "string") return [{ type: "text", text: content }];
  if (Array.isArray(content)) {
    return content.map((part, index) => decodePart(reading, part, `${path}[${index}]`));
  }
  invalid(reading, path);
  return [];
};

const imageUrl = (part: ImagePart): string | undefined => {
  const { source } = part;
  if (source.kind === "url") return source.url;
  return source.kind === "data" ? dataUrl(source.media_type, source.data) : undefined;
};

const fileField = (part: FilePart): Json | undefined => {
  const { source, filename } = part;
  if (source.kind === "file") return { file_id: source.id, ...defined({ filename }) };
  if (source.kind !== "data") return undefined;
  // The API wants a name wherever it gets data.
  const name = filename ?? "document";
  return { file_data: dataUrl(source.media_type, source.data), filename: name };
};

/** A part as OpenAI writes it; undefined where it has no way to say it. `marks`: cache marks are understood. */
export const encodePart = (part: Part, marks: boolean): Json | undefined => {
  switch (part.type) {
    case "text":
      return { type: "text", text: part.text, ...(marks ? cacheControl(part.cache) : {}) };
    case "refusal":
      return { type: "refusal", refusal: part.text };
    case "image": {
      const url = imageUrl(part);
      if (url === undefined) return undefined;
      const image_url = { url, ...defined({ detail: part.detail }) };
      return { type: "image_url", image_url, ...(marks ? cacheControl(part.cache) : {}) };
    }
    case "file": {
      if (part.source.kind === "text") {
        return { type: "text", text: documentText(part.source.text, part.filename) };
      }
      const file = fileField(part);
      return file && { type: "file", file, ...(marks ? cacheControl(part.cache) : {}) };
    }
    case "audio":
      return { type: "input_audio", input_audio: { data: part.data, format: part.format } };
    case "opaque":
      return part.dialect === "openai-chat" ? part.raw : undefined;
    case "thinking":
    case "tool_call":
      return undefined;
  }
};

/** Chat takes no plain-text files: the document stands in the message, under its name. */
const documentText = (text: string, name: string | undefined): string =>
  name === undefined ? text : `${name}\n\n${text}`;
