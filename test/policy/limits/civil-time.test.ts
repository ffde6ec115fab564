import { describe, expect, it } from "vitest";
import { windowAt } from "../../../src/policy/limits/civil-time.ts";

const HOUR = 3_600_000;
const at = (iso: string): number => Date.parse(iso);
const shown = ({ id, from, until }: ReturnType<typeof windowAt>) => ({
  id,
  from: new Date(from).toISOString().slice(0, 16),
  hours: (until - from) / HOUR,
});

describe("a day", () => {
  it.each([
    [
      "of 24 hours",
      "Europe/Berlin",
      "2026-11-21T22:59:59.999Z",
      "2026-11-21",
      "2026-11-20T23:00",
      24,
    ],
    [
      "that has just begun",
      "Europe/Berlin",
      "2026-11-21T23:00Z",
      "2026-11-22",
      "2026-11-21T23:00",
      24,
    ],
    ["of 23 hours", "Europe/Berlin", "2026-03-29T12:00Z", "2026-03-29", "2026-03-28T23:00", 23],
    ["of 25 hours", "Europe/Berlin", "2026-10-25T12:00Z", "2026-10-25", "2026-10-24T22:00", 25],
    ["of 25 hours", "America/New_York", "2026-11-01T12:00Z", "2026-11-01", "2026-11-01T04:00", 25],
    [
      "of 24 hours and a half",
      "Australia/Lord_Howe",
      "2026-04-05T00:00Z",
      "2026-04-05",
      "2026-04-04T13:00",
      24.5,
    ],
    ["a leap day", "Asia/Kolkata", "2028-02-29T12:00Z", "2028-02-29", "2028-02-28T18:30", 24],
    [
      "before one that was left out",
      "Pacific/Apia",
      "2011-12-30T09:00Z",
      "2011-12-29",
      "2011-12-29T10:00",
      24,
    ],
    [
      "after one that was left out",
      "Pacific/Apia",
      "2011-12-30T10:00Z",
      "2011-12-31",
      "2011-12-30T10:00",
      24,
    ],
    [
      "whose midnight is left out",
      "America/Sao_Paulo",
      "2018-11-04T12:00Z",
      "2018-11-04",
      "2018-11-04T03:00",
      23,
    ],
    [
      "whose midnight comes twice",
      "America/Havana",
      "2026-11-01T12:00Z",
      "2026-11-01",
      "2026-11-01T04:00",
      25,
    ],
    [
      "that goes back into itself",
      "America/Santiago",
      "2026-04-05T03:30Z",
      "2026-04-04",
      "2026-04-04T03:00",
      25,
    ],
    // At one minute past midnight clocks went back to 23:01: the day had begun all the same.
    [
      "that began and went back",
      "America/St_Johns",
      "2010-11-07T02:40Z",
      "2010-11-07",
      "2010-11-07T02:30",
      25,
    ],
    ["of UTC", "UTC", "1969-12-31T12:00Z", "1969-12-31", "1969-12-31T00:00", 24],
  ] as const)("%s: %s %s", (_, timezone, now, label, from, hours) => {
    expect(shown(windowAt("day", timezone, at(now)))).toEqual({
      id: `day/${timezone}/${label}`,
      from,
      hours,
    });
  });
});

describe("a month", () => {
  it.each([
    ["Europe/Berlin", "2026-10-31T22:59Z", "2026-10", "2026-09-30T22:00", 31 * 24 + 1],
    ["Europe/Berlin", "2026-03-31T21:59Z", "2026-03", "2026-02-28T23:00", 31 * 24 - 1],
    ["Asia/Kolkata", "2028-02-29T18:29Z", "2028-02", "2028-01-31T18:30", 29 * 24],
    ["America/New_York", "2027-01-01T04:59Z", "2026-12", "2026-12-01T05:00", 31 * 24],
    ["Pacific/Apia", "2011-12-31T00:00Z", "2011-12", "2011-12-01T10:00", 30 * 24],
    ["UTC", "2027-02-28T23:59Z", "2027-02", "2027-02-01T00:00", 28 * 24],
  ] as const)("has its length in %s at %s", (timezone, now, label, from, hours) => {
    expect(shown(windowAt("month", timezone, at(now)))).toEqual({
      id: `month/${timezone}/${label}`,
      from,
      hours,
    });
  });
});

describe("an hour", () => {
  it.each([
    [
      "begins at half past",
      "Asia/Kolkata",
      "2026-11-21T12:15Z",
      "2026-11-21T17:00+05:30",
      "2026-11-21T11:30",
      1,
    ],
    [
      "comes twice",
      "Europe/Berlin",
      "2026-10-25T00:30Z",
      "2026-10-25T02:00+02:00",
      "2026-10-25T00:00",
      1,
    ],
    [
      "comes a second time",
      "Europe/Berlin",
      "2026-10-25T01:30Z",
      "2026-10-25T02:00+01:00",
      "2026-10-25T01:00",
      1,
    ],
    [
      "comes half a time more",
      "Australia/Lord_Howe",
      "2026-04-04T15:10Z",
      "2026-04-05T01:30+10:30",
      "2026-04-04T15:00",
      0.5,
    ],
    [
      "is half left out",
      "Australia/Lord_Howe",
      "2026-10-03T15:40Z",
      "2026-10-04T02:30+11:00",
      "2026-10-03T15:30",
      0.5,
    ],
    [
      "is west of Greenwich",
      "America/New_York",
      "2026-11-21T12:15Z",
      "2026-11-21T07:00-05:00",
      "2026-11-21T12:00",
      1,
    ],
  ] as const)("%s: %s %s", (_, timezone, now, label, from, hours) => {
    expect(shown(windowAt("hour", timezone, at(now)))).toEqual({
      id: `hour/${timezone}/${label}`,
      from,
      hours,
    });
  });
});

it("a minute that comes again an hour later has another name", () => {
  const first = windowAt("minute", "Europe/Berlin", at("2026-10-25T00:30:10Z"));
  const second = windowAt("minute", "Europe/Berlin", at("2026-10-25T01:30:10Z"));
  expect([first.id, second.id]).toEqual([
    "minute/Europe/Berlin/2026-10-25T02:30+02:00",
    "minute/Europe/Berlin/2026-10-25T02:30+01:00",
  ]);
  expect(first.until - first.from).toBe(60_000);
});

it("a time zone that does not exist is a bug", () => {
  expect(() => windowAt("day", "Moon/Tranquility", 0)).toThrow(RangeError);
});
