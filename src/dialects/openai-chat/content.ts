/**
 * Decides: how the content of a message – a string, or a list of parts – is read.
 * Never: refuses a part that it does not know: it travels as it is, within this dialect only.
 */
import type { Part, Source } from "../../domain/chat.ts";
import { readCacheMark } from "../cache-mark.ts";
import { sourceFromUrl } from "../data-url.ts";
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
import { MESSAGE_FIELDS, MESSAGE_HINTS } from "./fields.ts";

const NO_HINTS: ReadonlySet<string> = new Set();
/** OpenAI's agents repeat beside an answer's text all that its message said beside the content. */
const PART_HINTS: ReadonlySet<string> = new Set([
  "prompt_cache_breakpoint",
  ...MESSAGE_FIELDS,
  ...MESSAGE_HINTS,
]);
type PartField = "text" | "image_url" | "input_audio" | "file";

const known = (field: string): ReadonlySet<string> => new Set(["type", "cache_control", field]);
const KNOWN: Readonly<Record<PartField, ReadonlySet<string>>> = {
  text: known("text"),
  image_url: known("image_url"),
  input_audio: known("input_audio"),
  file: known("file"),
};
const INNER: Readonly<Record<PartField, ReadonlySet<string>>> = {
  text: new Set(),
  image_url: new Set(["url", "detail"]),
  input_audio: new Set(["data", "format"]),
  file: new Set(["file_data", "file_id", "filename"]),
};

/** The object under the part's own field; a text instead of it is wrong, except for an image's link. */
const inner = (reading: Reading, part: Json, field: string, path: string): Json => {
  const value = part[field];
  if (isObject(value)) return value;
  invalid(reading, `${path}.${field}`);
  return {};
};

/** What stands beside the known fields of a part and inside its own field, and its cache mark. */
const besides = (reading: Reading, part: Json, field: PartField, path: string) => {
  const own = part[field];
  const { extra: outer } = readExtra(reading, part, KNOWN[field], PART_HINTS, path);
  const within = isObject(own)
    ? readExtra(reading, own, INNER[field], NO_HINTS, `${path}.${field}`).extra
    : undefined;
  return defined({
    cache: readCacheMark(reading, part["cache_control"], `${path}.cache_control`),
    extra: within === undefined ? outer : { ...outer, [field]: within },
  });
};

const imagePart = (reading: Reading, part: Json, path: string): Part => {
  // Mistral takes the link itself in place of {url}.
  const link = part["image_url"];
  const image: Json =
    typeof link === "string" ? { url: link } : inner(reading, part, "image_url", path);
  const source = sourceFromUrl(needText(reading, image["url"], `${path}.image_url`));
  if (source === undefined) invalid(reading, `${path}.image_url`);
  return {
    type: "image",
    source: source ?? { kind: "url", url: "" },
    ...defined({ detail: readText(reading, image["detail"], `${path}.image_url.detail`) }),
    ...besides(reading, part, "image_url", path),
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
  const file = inner(reading, part, "file", path);
  return {
    type: "file",
    source: fileSource(reading, file, `${path}.file`),
    ...defined({ filename: readText(reading, file["filename"], `${path}.file.filename`) }),
    ...besides(reading, part, "file", path),
  };
};

const audioPart = (reading: Reading, part: Json, path: string): Part => {
  const audio = inner(reading, part, "input_audio", path);
  const { extra } = besides(reading, part, "input_audio", path);
  return {
    type: "audio",
    format: needText(reading, audio["format"], `${path}.input_audio.format`),
    data: needText(reading, audio["data"], `${path}.input_audio.data`),
    ...defined({ extra }),
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
    case "text": {
      const text = needText(reading, part["text"], `${path}.text`);
      return { type, text, ...besides(reading, part, type, path) };
    }
    case "refusal":
      return { type, text: needText(reading, part["refusal"], `${path}.refusal`) };
    case "image_url":
      return imagePart(reading, part, path);
    case "input_audio":
      return audioPart(reading, part, path);
    case "file":
      return filePart(reading, part, path);
    default:
      if (typeof type !== "string") invalid(reading, `${path}.type`);
      reading.unportable.push(path);
      return { type: "opaque", dialect: "openai-chat", raw: part };
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
