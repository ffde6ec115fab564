/**
 * Decides: in which minute, hour, day or month of a time zone a moment lies, and when that begins and ends
 * (machines.md section 5).
 * Never: leaves a gap, overlaps, or gives two windows one name – whatever clocks are put forward or back.
 *
 * A day or month begins when its first midnight is reached, or skipped; so that a day has 23, 24 or 25 hours
 * and a midnight that comes twice begins nothing twice. A minute or hour ends where the clocks change, too:
 * an hour that comes twice is two windows, told apart by the offset in their names.
 */
import { remember } from "../../base/remember.ts";
import type { LimitPeriod } from "../../domain/limit.ts";

/** Epoch ms; `until` is the first moment of the next one. */
export type CivilWindow = { readonly id: string; readonly from: number; readonly until: number };

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const SECOND_MS = 1_000;

/** A formatter takes tens of kilobytes; nobody has limits in more zones than this at once. */
const MOST_ZONES = 100;

const formatters = new Map<string, Intl.DateTimeFormat>();
const formatterOf = (timeZone: string): Intl.DateTimeFormat => {
  const known = formatters.get(timeZone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" });
  remember(formatters, timeZone, made, MOST_ZONES);
  return made;
};

/** Milliseconds that clocks show more than UTC. */
const offsetAt = (timezone: string, at: number): number => {
  if (timezone === "UTC") return 0;
  // "10/25/2026, GMT+02:00"; seconds are there for times before zones were agreed on.
  const found = /([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(formatterOf(timezone).format(at));
  if (found === null) return 0;
  const [, sign, hours, minutes, seconds = 0] = found;
  const size = Number(hours) * HOUR_MS + Number(minutes) * MINUTE_MS + Number(seconds) * SECOND_MS;
  return sign === "-" ? -size : size;
};

/** The first moment of (`from`, `until`] with another offset than at `from`; there is one. */
const firstChange = (timezone: string, from: number, until: number): number => {
  const offset = offsetAt(timezone, from);
  let same = from;
  let other = until;
  while (other - same > 1) {
    const middle = Math.floor((same + other) / 2);
    if (offsetAt(timezone, middle) === offset) same = middle;
    else other = middle;
  }
  return other;
};

/** The first moment at which clocks show `wall` or later. No zone changes its clocks twice in two days. */
const reached = (timezone: string, wall: number): number => {
  const before = offsetAt(timezone, wall - DAY_MS);
  const after = offsetAt(timezone, wall + DAY_MS);
  if (before === after) return wall - before;
  const change = firstChange(timezone, wall - DAY_MS, wall + DAY_MS);
  return wall - before < change ? wall - before : Math.max(change, wall - after);
};

const isoOf = (wall: number, length: number): string =>
  new Date(wall).toISOString().slice(0, length);
const DATE = "2026-10-25".length;
const MONTH = "2026-10".length;
const CLOCK = "2026-10-25T02:00".length;

const monthFrom = (wall: number, months: number): number => {
  const date = new Date(wall);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1);
};

/** How days and months follow one another, on clocks. */
const STEPS = {
  day: { start: (wall: number) => wall - (((wall % DAY_MS) + DAY_MS) % DAY_MS), label: DATE },
  month: { start: (wall: number) => monthFrom(wall, 0), label: MONTH },
} as const;
const nextOf = (per: "day" | "month", start: number): number =>
  per === "day" ? start + DAY_MS : monthFrom(start, 1);

const dateWindow = (per: "day" | "month", timezone: string, now: number): CivilWindow => {
  const { start, label } = STEPS[per];
  let wall = start(now + offsetAt(timezone, now));
  let until = reached(timezone, nextOf(per, wall));
  // Where clocks went back over midnight, the next day has begun although they show the old one.
  while (until <= now) {
    wall = nextOf(per, wall);
    until = reached(timezone, nextOf(per, wall));
  }
  const id = `${per}/${timezone}/${isoOf(wall, label)}`;
  return { id, from: reached(timezone, wall), until };
};

const offsetText = (offset: number): string =>
  `${offset < 0 ? "-" : "+"}${isoOf(Math.abs(offset), CLOCK).slice("1970-01-01T".length)}`;

const clockWindow = (per: "minute" | "hour", timezone: string, now: number): CivilWindow => {
  const length = per === "minute" ? MINUTE_MS : HOUR_MS;
  const offset = offsetAt(timezone, now);
  const begin = Math.floor((now + offset) / length) * length - offset;
  const end = begin + length;
  const from = offsetAt(timezone, begin) === offset ? begin : firstChange(timezone, begin, now);
  const until = offsetAt(timezone, end - 1) === offset ? end : firstChange(timezone, now, end);
  const local = `${isoOf(from + offset, CLOCK)}${offsetText(offset)}`;
  return { id: `${per}/${timezone}/${local}`, from, until };
};

const latest: Record<LimitPeriod, Map<string, CivilWindow>> = {
  minute: new Map(),
  hour: new Map(),
  day: new Map(),
  month: new Map(),
};

/** The window of `now`. `timezone`: a name of the IANA database, else it throws RangeError. */
export const windowAt = (per: LimitPeriod, timezone: string, now: number): CivilWindow => {
  const known = latest[per].get(timezone);
  if (known !== undefined && now >= known.from && now < known.until) return known;
  const found =
    per === "minute" || per === "hour"
      ? clockWindow(per, timezone, now)
      : dateWindow(per, timezone, now);
  remember(latest[per], timezone, found, MOST_ZONES);
  return found;
};
