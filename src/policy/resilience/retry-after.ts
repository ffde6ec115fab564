/**
 * Decides: how long a provider asks us to wait – from its headers, its error's details and its words.
 * Never: reads a clock; and never believes a header of an answer that did not fail (some providers
 * send retry-after with every 200).
 */
import { isRecord } from "../../base/record.ts";

/** Anything with a case-insensitive or lower-case `get`: Headers, a Map. */
export type HeaderLookup = { get(name: string): string | null | undefined };

/** Waits longer than a day are a day: no window of any provider is longer than what it is worth waiting. */
const LONGEST_MS = 86_400_000;

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const UNITS = "milliseconds?|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d";
const SPAN = new RegExp(`(\\d+(?:\\.\\d+)?)\\s*(${UNITS})(?![a-z])[\\s,]*`, "gi");
/** "Please try again in 6m0s", "retry after 20 seconds", "Please retry in 48.9s". */
const WORDS = new RegExp(
  `(?:try again|retry|wait)(?: again)?(?: in| after| for)?(?: about)? ((?:\\d+(?:\\.\\d+)?\\s*(?:${UNITS})[\\s,]{0,2}){1,4})(?![a-z])`,
  "i",
);

const unitMs = (unit: string): number =>
  UNIT_MS[/^(?:ms|milli)/i.test(unit) ? "ms" : unit.slice(0, 1).toLowerCase()] ?? 0;

/** `1m30.5s`, `20ms`, `20 seconds`; a bare number counts in `bare` milliseconds. */
const duration = (text: string, bare: number): number | undefined => {
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text) * bare;
  if (text.replace(SPAN, "") !== "") return undefined;
  const spans = [...text.matchAll(SPAN)];
  return spans.reduce((sum, [, amount, unit]) => sum + Number(amount) * unitMs(unit ?? ""), 0);
};

/** Days from 1970-01-01 in the proleptic Gregorian calendar; month from 1. */
const daysSince1970 = (year: number, month: number, day: number): number => {
  const y = month <= 2 ? year - 1 : year;
  const shifted = (month + 9) % 12;
  const leap = Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400);
  return y * 365 + leap + Math.floor((shifted * 153 + 2) / 5) + day - 1 - 719_468;
};

const HTTP_DATE = /^\w{3}, (\d{2}) (\w{3}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) GMT$/;
const RFC_3339 =
  /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2}(?:\.\d+)?)(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;
const MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";

/** Milliseconds since the epoch of an HTTP date (RFC 9110, 5.6.7) or an RFC 3339 timestamp. */
const instant = (text: string): number | undefined => {
  const http = HTTP_DATE.exec(text);
  if (http !== null) {
    const [, day, name, year, hours, minutes, seconds] = http;
    const month = MONTHS.indexOf(name ?? "") / 3 + 1;
    const days = daysSince1970(Number(year), month, Number(day));
    return ((days * 24 + Number(hours)) * 60 + Number(minutes)) * 60_000 + Number(seconds) * 1_000;
  }
  const iso = RFC_3339.exec(text);
  if (iso === null) return undefined;
  const [, year, month, day, hours, minutes, seconds, sign, offsetHours, offsetMinutes] = iso;
  const offset = (Number(offsetHours ?? 0) * 60 + Number(offsetMinutes ?? 0)) * 60_000;
  const days = daysSince1970(Number(year), Number(month), Number(day));
  const local = ((days * 24 + Number(hours)) * 60 + Number(minutes)) * 60_000;
  return local + Number(seconds) * 1_000 - (sign === "-" ? -offset : offset);
};

/** A wait as a span, an instant, or an epoch in seconds or milliseconds (told apart by their size). */
const wait = (text: string | null | undefined, now: number, bare = 1_000): number | undefined => {
  const trimmed = text?.trim();
  if (trimmed === undefined || trimmed === "") return undefined;
  const at = instant(trimmed);
  if (at !== undefined) return at - now;
  const number = Number(trimmed);
  if (number >= 1e11) return number - now;
  if (number >= 1e9) return number * 1_000 - now;
  return duration(trimmed, bare);
};

/** google.rpc.RetryInfo in `error.details`; Vertex wraps the whole answer in an array. */
const retryInfo = (body: unknown): string | undefined => {
  const outer: unknown = Array.isArray(body) ? body[0] : body;
  const error = isRecord(outer) ? outer["error"] : undefined;
  const details = isRecord(error) ? error["details"] : undefined;
  if (!Array.isArray(details)) return undefined;
  for (const detail of details) {
    const delay = isRecord(detail) ? detail["retryDelay"] : undefined;
    if (typeof delay === "string") return delay;
  }
  return undefined;
};

/** Google rounds RetryInfo down and says the fraction in the sentence. */
const longer = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? (a ?? b) : Math.max(a, b);

/** The first positive wait; nought only where nobody says more (Azure sends `retry-after-ms: 0` beside `retry-after: 1`). */
const first = (waits: readonly (number | undefined)[]): number | undefined => {
  const known = waits.filter((ms): ms is number => ms !== undefined && Number.isFinite(ms));
  if (known.length === 0) return undefined;
  return Math.min(Math.ceil(known.find((ms) => ms > 0) ?? 0), LONGEST_MS);
};

export type WaitSources = {
  readonly headers: HeaderLookup;
  /** The error's sentence. */
  readonly message?: string | undefined;
  /** The parsed error body, for RetryInfo. */
  readonly body?: unknown;
  /** Milliseconds since the epoch. */
  readonly now: number;
};

/**
 * What the provider says outright, in milliseconds from now, 0 to a day; undefined where it says
 * nothing. In this order: `retry-after-ms`, `retry-after` (seconds or HTTP date), the longer of
 * RetryInfo and the sentence.
 */
export const retryAfter = ({ headers, message, body, now }: WaitSources): number | undefined =>
  first([
    wait(headers.get("retry-after-ms"), now, 1),
    wait(headers.get("retry-after"), now),
    longer(wait(retryInfo(body), now), wait(WORDS.exec((message ?? "").slice(0, 4_096))?.[1], now)),
  ]);

/** Reset headers, each with its own `remaining` header (the same name with one word exchanged). */
const RESETS = [
  "anthropic-ratelimit-requests-reset",
  "anthropic-ratelimit-tokens-reset",
  "anthropic-ratelimit-input-tokens-reset",
  "anthropic-ratelimit-output-tokens-reset",
  "anthropic-ratelimit-unified-reset",
  "x-ratelimit-reset-requests",
  "x-ratelimit-reset-tokens",
  "x-ratelimit-reset-requests-day",
  "x-ratelimit-reset-tokens-minute",
  "x-ratelimit-reset",
  "ratelimitbysize-reset",
];

/**
 * When the window that is used up opens again, in milliseconds from now: for a 429 whose provider
 * does not say outright. Windows with nothing remaining decide; where none is empty, the ones that
 * count tokens do, since one request more would have fitted into a window of requests. The longest
 * of those wins. (Azure counts bare numbers in milliseconds and is known by its renewal period.)
 */
export const windowReset = (headers: HeaderLookup, now: number): number | undefined => {
  const azure = headers.get("x-ratelimit-renewalperiod-requests") ?? undefined;
  const windows = RESETS.flatMap((name) => {
    const ms = wait(headers.get(name), now, azure === undefined ? 1_000 : 1);
    const left = headers.get(name.replace("reset", "remaining"));
    return ms === undefined ? [] : [{ ms, empty: left === "0", requests: /requests/.test(name) }];
  });
  const empty = windows.filter((window) => window.empty);
  const decisive = empty.length > 0 ? empty : windows.filter((window) => !window.requests);
  return first([...decisive].sort((a, b) => b.ms - a.ms).map((window) => window.ms));
};
