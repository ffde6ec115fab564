/**
 * Decides: until when an answer to a question that speaks of its own day may be given: the end of that day, in UTC.
 * Never: reads the answer, or what the system prompt says of the date: that stands in the key.
 */
import { isRecord } from "../../base/record.ts";
import { ADVERBS, BEGINNINGS, IN_ANY_PLACE, POINTING, UNITS } from "./relative-time-words.ts";

const DAY_MS = 86_400_000;
const WORD = /[\p{L}\p{M}]+/gu;
/** `aujourd'hui` is one word, however its apostrophe is written; accents are left out by half of those who type. */
const plain = (text: string): string =>
  text
    .toLowerCase()
    .normalize("NFKD")
    .replace(/(?<=\p{Script=Latin})[\u0300-\u036f]+/gu, "")
    .normalize("NFC")
    .replace(/['’‘`´]/g, "");

/** "this week", "la semana pasada": one word that points and one that measures, in either order. */
const points = (one: string, next: string): boolean =>
  (POINTING.has(one) && UNITS.has(next)) || (UNITS.has(one) && POINTING.has(next));

/**
 * Whether a text means another time when it is said on another day. Knows the commonest words of the commonest
 * languages; in doubt yes: that costs some hits of tomorrow, a no costs a wrong answer.
 */
export const speaksOfNow = (text: string): boolean => {
  const read = plain(text);
  if (IN_ANY_PLACE.test(read)) return true;
  let before = "";
  for (const [word] of read.matchAll(WORD)) {
    if (ADVERBS.has(word) || BEGINNINGS.some((beginning) => word.startsWith(beginning)))
      return true;
    if (points(before, word)) return true;
    before = word;
  }
  return false;
};

const textsOf = (content: unknown): readonly string[] => {
  if (typeof content === "string") return [content];
  if (!Array.isArray(content)) return [];
  return content.flatMap((part: unknown) => {
    if (typeof part === "string") return [part];
    return isRecord(part) && typeof part["text"] === "string" ? [part["text"]] : [];
  });
};

/** What the user has said last, also where tools have answered since. In every dialect. */
const lastSaid = (body: Readonly<Record<string, unknown>>): string => {
  const turns = body["messages"] ?? body["contents"];
  // One string, one turn or one part alone is what Google's clients send for a list of them.
  const list: readonly unknown[] = Array.isArray(turns) ? turns : [turns];
  for (const turn of list.toReversed()) {
    if (!isRecord(turn) || (turn["role"] ?? "user") !== "user") continue;
    const said = textsOf(turn["content"] ?? turn["parts"]).join("\n");
    if (said.trim() !== "") return said;
  }
  return "";
};

/**
 * Milliseconds since the epoch; infinite where the last user turn speaks of no day of its own. `askedAt`: when the
 * request began, so that what was asked before midnight and answered after it is not kept for the new day.
 * For chats alone: a vector is of words, not of what they mean today.
 */
export const trueUntil = (body: Readonly<Record<string, unknown>>, askedAt: number): number =>
  speaksOfNow(lastSaid(body))
    ? (Math.floor(askedAt / DAY_MS) + 1) * DAY_MS
    : Number.POSITIVE_INFINITY;
