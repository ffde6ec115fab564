/**
 * Decides: how images, sound and files stand in a part – inline, or as a link that Google fetches.
 * Never: fetches anything, or carries an id of another provider's file store.
 */
import { own } from "../../base/record.ts";
import type { AudioPart, FilePart, ImagePart, Source } from "../../domain/chat.ts";
import { defined } from "../defined.ts";
import { isObject, type Json } from "../reading.ts";
import { refuse, take, unknownFields, type Wire, type Writing } from "./wire.ts";

export type MediaPart = ImagePart | FilePart | AudioPart;

const TYPE_OF_ENDING: Readonly<Record<string, string>> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  webp: "image/webp",
  heic: "image/heic",
  heif: "image/heif",
  gif: "image/gif",
  pdf: "application/pdf",
  txt: "text/plain",
  mp3: "audio/mp3",
  wav: "audio/wav",
  mp4: "video/mp4",
  webm: "video/webm",
  mov: "video/mov",
};

/** By the ending of the link's path; Vertex wants a type, the Gemini API finds out by itself. */
const typeOfLink = (url: string): string | undefined =>
  own(TYPE_OF_ENDING, /\.([a-z0-9]+)(?:[?#]|$)/i.exec(url)?.[1]?.toLowerCase() ?? "");

const toBase64 = (text: string): string => {
  let binary = "";
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte);
  return btoa(binary);
};

const inline = (mimeType: string, data: string): Wire => ({ inlineData: { mimeType, data } });

const encodeSource = (writing: Writing, source: Source, path: string): Wire | undefined => {
  switch (source.kind) {
    case "data":
      return inline(source.media_type, source.data);
    case "url": {
      const mimeType = source.media_type ?? typeOfLink(source.url);
      return { fileData: defined({ mimeType, fileUri: source.url }) };
    }
    case "text":
      return inline("text/plain", toBase64(source.text));
    case "file":
      return refuse(writing, path);
  }
};

export const encodeMedia = (writing: Writing, part: MediaPart, path: string): Wire | undefined => {
  if (part.type === "audio") return inline(`audio/${part.format}`, part.data);
  if (part.type === "image" && part.detail !== undefined && part.detail !== "auto") {
    writing.dropped.add("messages[].content[].image_url.detail");
  }
  if (part.type === "file" && part.filename !== undefined) {
    writing.dropped.add("messages[].content[].filename");
  }
  return encodeSource(writing, part.source, path);
};

const BLOB_FIELDS: ReadonlySet<string> = new Set(["mimeType", "data"]);
const LINK_FIELDS: ReadonlySet<string> = new Set(["mimeType", "fileUri"]);
const AUDIO_FORMAT: Readonly<Record<string, string>> = { mpeg: "mp3", "x-wav": "wav" };

const decodeInline = (blob: Json): MediaPart | undefined => {
  const type = take(blob, "mimeType");
  const data = blob["data"];
  if (typeof type !== "string" || typeof data !== "string") return undefined;
  if (unknownFields(blob, BLOB_FIELDS).length > 0) return undefined;
  const [kind, subtype = ""] = type.split("/");
  if (kind === "audio") {
    return { type: "audio", format: own(AUDIO_FORMAT, subtype) ?? subtype, data };
  }
  const source: Source = { kind: "data", media_type: type, data };
  return kind === "image" ? { type: "image", source } : { type: "file", source };
};

const decodeLink = (link: Json): MediaPart | undefined => {
  const url = take(link, "fileUri");
  const type = take(link, "mimeType");
  if (typeof url !== "string" || unknownFields(link, LINK_FIELDS).length > 0) return undefined;
  const media_type = typeof type === "string" ? type : undefined;
  const source: Source = { kind: "url", url, ...defined({ media_type }) };
  return media_type?.startsWith("image/") ? { type: "image", source } : { type: "file", source };
};

/** undefined when the part is no medium, or one with fields that only Gemini knows. */
export const decodeMedia = (part: Json): MediaPart | undefined => {
  const blob = take(part, "inlineData");
  if (isObject(blob)) return decodeInline(blob);
  const link = take(part, "fileData");
  return isObject(link) ? decodeLink(link) : undefined;
};
