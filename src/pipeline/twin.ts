/**
 * Decides: whether a frame differs from one that was read in nothing but the text of its delta. Most
 * frames of a stream do; they need not be parsed to know that they are whole, valid, and nothing else.
 * Never: guesses: what is not certainly a twin is read in full.
 */
import type { Frame } from "../base/sse.ts";
import type { ChatEvent } from "../domain/event.ts";

type Twins = {
  /** Whether the frame is one. */
  has(frame: Frame): boolean;
  /** Takes a frame and what it said as the model for those that follow. */
  learn(frame: Frame, events: readonly ChatEvent[]): void;
};

const utf8 = new TextEncoder();
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const FIRST_PRINTABLE = 0x20;
/** What may stand behind a backslash in JSON, but for `u`, whose frames are read in full. */
const ESCAPES = new Set([...'"\\/bfnrt'].map((letter) => letter.charCodeAt(0)));

/** Where `part` stands in `bytes`, if it stands there exactly once; else -1. */
const only = (bytes: Uint8Array, part: Uint8Array): number => {
  let found = -1;
  const first = part[0] ?? 0;
  for (let at = bytes.indexOf(first); at !== -1; at = bytes.indexOf(first, at + 1)) {
    let same = 1;
    while (same < part.length && bytes[at + same] === part[same]) same += 1;
    if (same < part.length) continue;
    if (found !== -1) return -1;
    found = at;
  }
  return found;
};

/** Whether the bytes between two quotes are the inside of one JSON string. */
const isInside = (bytes: Uint8Array, start: number, end: number): boolean => {
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte < FIRST_PRINTABLE || byte === QUOTE) return false;
    if (byte === BACKSLASH) {
      at += 1;
      if (at >= end || !ESCAPES.has(bytes[at] ?? 0)) return false;
    }
  }
  return true;
};

export const createTwins = (): Twins => {
  let model: Uint8Array | undefined;
  /** Bytes before the text, and from its closing quote on. */
  let head = 0;
  let tail = 0;

  return {
    has: ({ bytes }) => {
      if (model === undefined || bytes.length < head + tail) return false;
      for (let at = 0; at < head; at += 1) if (bytes[at] !== model[at]) return false;
      const shift = bytes.length - model.length;
      for (let at = model.length - tail; at < model.length; at += 1) {
        if (bytes[at + shift] !== model[at]) return false;
      }
      return isInside(bytes, head, bytes.length - tail);
    },
    learn: ({ bytes }, [event, ...more]) => {
      if (event === undefined || more.length > 0) return;
      const isPlain = event.type === "text" && event.logprobs === undefined;
      if ((!isPlain && event.type !== "tool_arguments") || event.text === "") return;
      const literal = utf8.encode(JSON.stringify(event.text));
      const at = only(bytes, literal);
      if (at === -1) return;
      model = bytes;
      head = at + 1;
      tail = bytes.length - (at + literal.length - 1);
    },
  };
};
