import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { retryAfter, windowReset } from "../../../src/policy/resilience/retry-after.ts";

// Wednesday, 19 August 2026, 14:34:00 UTC.
const NOW = 1_787_150_040_000;
const DAY = 86_400_000;
const headers = (entries: Record<string, string>) => new Map(Object.entries(entries));
const none = headers({});

describe("what a provider says outright", () => {
  it.each<[string, Record<string, string>, number]>([
    ["whole seconds", { "retry-after": "25" }, 25_000],
    ["fractional seconds", { "retry-after": "0.5" }, 500],
    ["an HTTP date", { "retry-after": "Wed, 19 Aug 2026 14:34:20 GMT" }, 20_000],
    ["an HTTP date that is now", { "retry-after": "Wed, 19 Aug 2026 14:34:00 GMT" }, 0],
    ["milliseconds", { "retry-after-ms": "1250" }, 1_250],
    ["milliseconds before seconds", { "retry-after-ms": "1250", "retry-after": "2" }, 1_250],
    ["a positive wait before nought", { "retry-after-ms": "0", "retry-after": "1" }, 1_000],
    ["nought where nobody says more", { "retry-after": "0" }, 0],
    ["a date gone by as nought", { "retry-after": "Tue, 18 Aug 2026 00:00:00 GMT" }, 0],
    ["a negative number as nothing", { "retry-after": "-5", "retry-after-ms": "40" }, 40],
    ["at most a day", { "retry-after": "999999999" }, DAY],
  ])("reads %s", (_, entries, ms) => {
    expect(retryAfter({ headers: headers(entries), now: NOW })).toBe(ms);
  });

  it.each<[string, number]>([
    ["Rate limit reached. Please try again in 1.2s. Visit the docs.", 1_200],
    ["Please try again in 20ms.", 20],
    ["Please try again in 6m0s.", 360_000],
    ["Please try again in 1h2m3.5s", 3_723_500],
    ["Please retry in 48.939935699s.", 48_940],
    ["Please retry after 86400 seconds. Please go here", DAY],
    ["try again in 20 seconds", 20_000],
    ["Please wait 2 minutes and 5 seconds", 120_000],
    ["Retry after 3 mins", 180_000],
    ["Try again in 5 Minutes", 300_000],
    ["Retry after 0.5 days", DAY / 2],
  ])("reads the sentence %j", (message, ms) => {
    expect(retryAfter({ headers: none, message, now: NOW })).toBe(ms);
  });

  it.each([
    ["You can retry your request, or contact us"],
    ["Please try again later."],
    ["limit 20 per 1m, retry"],
    ["try again in 5 mistakes"],
    [""],
  ])("finds no wait in %j", (message) => {
    expect(retryAfter({ headers: none, message, now: NOW })).toBeUndefined();
  });

  it("reads Google's RetryInfo, also in an array, and the sentence where that is longer", () => {
    const body = {
      error: {
        details: [null, { "@type": "type.googleapis.com/google.rpc.Help" }, { retryDelay: "34s" }],
      },
    };
    const message = "Please retry in 34.5s.";
    expect(retryAfter({ headers: none, body, now: NOW })).toBe(34_000);
    expect(retryAfter({ headers: none, body: [body], now: NOW })).toBe(34_000);
    expect(retryAfter({ headers: none, body, message, now: NOW })).toBe(34_500);
    const shorter = "Please retry in 2s.";
    expect(retryAfter({ headers: none, body, message: shorter, now: NOW })).toBe(34_000);
  });

  it.each([
    ["a header with no number", { "retry-after": "soon" }],
    ["a number and a unit inside another word", { "retry-after": "req_fcbf1d5389" }],
    ["an empty header", { "retry-after": " " }],
    ["a number beyond all numbers", { "retry-after": "9".repeat(400) }],
    ["no header", {}],
  ])("says nothing of %s", (_, entries) => {
    expect(retryAfter({ headers: headers(entries), now: NOW })).toBeUndefined();
  });

  it("agrees with the platform on every instant, as HTTP date and as RFC 3339 anywhere", () => {
    const seconds = fc.integer({ min: 0, max: 4_102_444_800 });
    const ahead = fc.integer({ min: 1, max: 86_400 });
    const offset = fc.integer({ min: -14 * 60, max: 14 * 60 });
    const two = (number: number) => String(Math.floor(number)).padStart(2, "0");
    fc.assert(
      fc.property(seconds, ahead, offset, (now, ahead, offset) => {
        const at = new Date((now + ahead) * 1_000);
        const read = (header: string) =>
          retryAfter({ headers: headers({ "retry-after": header }), now: now * 1_000 });
        expect(read(at.toUTCString())).toBe(ahead * 1_000);
        expect(read(at.toISOString())).toBe(ahead * 1_000);
        const there = new Date(at.getTime() + offset * 60_000).toISOString().slice(0, -1);
        const [hours, minutes] = [two(Math.abs(offset) / 60), two(Math.abs(offset) % 60)];
        const zone = `${offset < 0 ? "-" : "+"}${hours}:${minutes}`;
        expect(read(there + zone)).toBe(ahead * 1_000);
      }),
    );
  });

  it("is never negative and never above a day, whatever the headers and words say", () => {
    const text = fc.oneof(
      fc.string(),
      fc.double().map(String),
      fc.integer().map((n) => `try again in ${n}m${n}s`),
      fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
    );
    fc.assert(
      fc.property(text, text, text, (a, b, message) => {
        const entries = headers({ "retry-after": a, "retry-after-ms": b, "x-ratelimit-reset": a });
        for (const ms of [
          retryAfter({ headers: entries, message, now: NOW }),
          windowReset(entries, NOW),
        ]) {
          expect(ms ?? 0).toBeGreaterThanOrEqual(0);
          expect(ms ?? 0).toBeLessThanOrEqual(DAY);
        }
      }),
    );
  });
});

describe("when a used-up window opens again", () => {
  it.each<[string, Record<string, string>, number | undefined]>([
    [
      "the empty window decides, not the longer one that has room",
      {
        "x-ratelimit-reset-requests": "6ms",
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-tokens": "1m30.5s",
        "x-ratelimit-remaining-tokens": "2999",
      },
      6,
    ],
    [
      "with none empty the tokens decide: a request more would have fitted",
      {
        "x-ratelimit-reset-requests": "10.332999999s",
        "x-ratelimit-remaining-requests": "14398",
        "x-ratelimit-reset-tokens": "26ms",
        "x-ratelimit-remaining-tokens": "12",
      },
      26,
    ],
    [
      "of two empty windows the longer one decides",
      {
        "anthropic-ratelimit-requests-reset": "2026-08-19T14:34:30Z",
        "anthropic-ratelimit-requests-remaining": "0",
        "anthropic-ratelimit-input-tokens-reset": "2026-08-19T16:35:00+02:00",
        "anthropic-ratelimit-input-tokens-remaining": "0",
      },
      60_000,
    ],
    ["an epoch in seconds", { "x-ratelimit-reset": String(NOW / 1_000 + 7) }, 7_000],
    ["an epoch in milliseconds", { "x-ratelimit-reset": String(NOW + 7_000) }, 7_000],
    ["seconds from now", { "x-ratelimit-reset": "2" }, 2_000],
    ["a fraction of a second", { "x-ratelimit-reset-tokens": "0.25" }, 250],
    [
      "Azure's bare milliseconds",
      { "x-ratelimit-reset-tokens": "500", "x-ratelimit-renewalperiod-requests": "60" },
      500,
    ],
    ["a reset gone by", { "x-ratelimit-reset-tokens": "2024-03-26T20:00:00Z" }, 0],
    [
      "a request window that has room alone says nothing",
      { "x-ratelimit-reset-requests": "2s" },
      undefined,
    ],
    [
      "an empty window that names no time decides nothing",
      { "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-tokens": "26ms" },
      26,
    ],
    ["no header", {}, undefined],
  ])("%s", (_, entries, ms) => {
    expect(windowReset(new Headers(entries), NOW)).toBe(ms);
  });
});
