/**
 * Decides: how inline media is read from and written to a `data:` URL, and what text it holds.
 * Never: fetches a link.
 */
import type { Source } from "../domain/chat.ts";

const DATA_URL = /^data:([^;,]+)(?:;[^;,]+)*;base64,(.*)$/s;

/** undefined when it is neither base64 data nor a link. Which links it follows is the provider's affair (gs://). */
export const sourceFromUrl = (url: string): Source | undefined => {
  if (url.startsWith("data:")) {
    const match = DATA_URL.exec(url);
    return match?.[1] === undefined || match[2] === undefined
      ? undefined
      : { kind: "data", media_type: match[1], data: match[2] };
  }
  return /^[a-z][a-z0-9+.-]*:\/\/./i.test(url) ? { kind: "url", url } : undefined;
};

export const dataUrl = (mediaType: string, base64: string): string =>
  `data:${mediaType};base64,${base64}`;

/** The UTF-8 text in base64; undefined when it is not one. */
export const textFromBase64 = (base64: string): string | undefined => {
  try {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    return undefined;
  }
};
