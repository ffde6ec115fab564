import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CalendarState, calendar } from "../../src/policy/limits/calendar.ts";
import { windowAt } from "../../src/policy/limits/civil-time.ts";
import { ruleOf } from "../policy/limits/rule.ts";
import { thousandths } from "./thousandths.ts";

const DAY = 86_400_000;
const ZONES = [
  "UTC",
  "Europe/Berlin",
  "America/New_York",
  "Australia/Lord_Howe",
  "Asia/Kolkata",
  "Asia/Kathmandu",
  "Pacific/Apia",
  "Pacific/Chatham",
  "America/St_Johns",
  "America/Sao_Paulo",
  "America/Havana",
  "America/Santiago",
  "Africa/Casablanca",
  "Antarctica/Troll",
] as const;
const PERIODS = ["minute", "hour", "day", "month"] as const;

const zone = fc.constantFrom(...ZONES);
const per = fc.constantFrom(...PERIODS);

/** The moments at which a zone's clocks change, found by looking at every day. */
const changesOf = (timeZone: string): readonly number[] => {
  const format = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" });
  const offset = (at: number) => format.format(at).split(", ")[1];
  const found: number[] = [];
  const until = Date.UTC(2028, 0, 1);
  for (let day = Date.UTC(2010, 0, 1); day < until; day += DAY) {
    if (offset(day) === offset(day + DAY)) continue;
    let hour = day;
    while (offset(hour) === offset(day)) hour += 1_800_000;
    found.push(hour);
  }
  return found;
};
const CHANGES = new Map(ZONES.map((name) => [name, changesOf(name)]));

/** A moment of 2010 to 2027, every second one near a change of the clocks. */
const placed = fc.record({
  zone,
  anywhere: fc.integer({ min: Date.UTC(2010, 0, 1), max: Date.UTC(2028, 0, 1) }),
  near: fc.option(fc.nat(), { freq: 2 }),
  beside: fc.integer({ min: -2 * DAY, max: 2 * DAY }),
});
const momentOf = ({
  zone: name,
  anywhere,
  near,
  beside,
}: typeof placed extends fc.Arbitrary<infer P> ? P : never) => {
  const changes = CHANGES.get(name) ?? [];
  const change = near === null ? undefined : changes[near % Math.max(1, changes.length)];
  return change === undefined ? anywhere : change + beside;
};

describe("laws of civil time", () => {
  it("windows follow one another without a gap, and each has one name from end to end", () => {
    fc.assert(
      fc.property(placed, per, thousandths(1), (place, period, share) => {
        const of = (at: number) => windowAt(period, place.zone, at);
        const now = momentOf(place);
        const here = of(now);
        expect(here.from).toBeLessThanOrEqual(now);
        expect(now).toBeLessThan(here.until);
        const next = of(here.until);
        expect(next.from).toBe(here.until);
        expect(next.id).not.toBe(here.id);
        const before = of(here.from - 1);
        expect(before.until).toBe(here.from);
        expect(before.id).not.toBe(here.id);
        const inside = here.from + Math.floor(share * (here.until - here.from - 1));
        for (const at of [here.from, inside, here.until - 1]) expect(of(at)).toEqual(here);
      }),
      { numRuns: 5_000 },
    );
  });

  it("names are of the day that clocks show, but for a minute that was taken back", () => {
    const shown = new Map(
      ZONES.map((name) => [name, new Intl.DateTimeFormat("sv-SE", { timeZone: name })]),
    );
    fc.assert(
      fc.property(placed, (place) => {
        const now = momentOf(place);
        // Until 2011 its clocks went back from 00:01, into a day that was over.
        fc.pre(place.zone !== "America/St_Johns" || now > Date.UTC(2012, 0, 1));
        const date = shown.get(place.zone)?.format(now);
        expect(windowAt("day", place.zone, now).id).toBe(`day/${place.zone}/${date}`);
        expect(windowAt("month", place.zone, now).id).toBe(
          `month/${place.zone}/${date?.slice(0, "2026-10".length)}`,
        );
      }),
      { numRuns: 5_000 },
    );
  });

  const CHANGING = ZONES.filter((name) => (CHANGES.get(name) ?? []).length > 0);

  it.each(CHANGING)("no name comes twice around the changes of %s", (name) => {
    const seen = new Set<string>();
    for (const change of CHANGES.get(name) ?? []) {
      let { from: at } = windowAt("minute", name, change - 3 * 3_600_000);
      while (at < change + 3 * 3_600_000) {
        for (const period of ["minute", "hour"] as const) {
          const { id, from } = windowAt(period, name, at);
          if (from === at) expect(seen.has(id)).toBe(false);
          seen.add(id);
        }
        at = windowAt("minute", name, at).until;
      }
    }
  });
});

const step = fc.record({
  pause: fc.oneof(fc.constant(0), thousandths(0.2), thousandths(3)),
  amount: fc.integer({ min: 1, max: 60 }),
  settles: fc.option(fc.nat({ max: 6 })),
  actual: fc.nat({ max: 80 }),
  back: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, fc.nat({ max: DAY })),
});
const NOMINAL_MS = { minute: 60_000, hour: 3_600_000, day: DAY, month: 30 * DAY } as const;
const MAX = 100;

type Tally = { spent: number; held: number };

describe("laws of the calendar", () => {
  it("what the windows have spent is what was ever spent, each in the window it was taken from", () => {
    let rollovers = 0;
    fc.assert(
      fc.property(placed, per, fc.array(step, { maxLength: 60 }), (place, period, steps) => {
        const rule = ruleOf({ kind: "calendar", per: period, timezone: place.zone, max: MAX });
        const tallies = new Map<string, Tally>();
        const tallyOf = (id: string): Tally => {
          const known = tallies.get(id) ?? { spent: 0, held: 0 };
          tallies.set(id, known);
          return known;
        };
        const open: { window: string; amount: number }[] = [];
        let state: CalendarState | undefined;
        let latest = momentOf(place);
        let lifetime = 0;

        const settle = (place: number, actual: number): void => {
          const [held] = open.splice(place, 1);
          if (held === undefined) return;
          state = calendar.settle(state, rule, held.window, held.amount, actual, latest);
          const tally = tallyOf(held.window);
          tally.held -= held.amount;
          tally.spent += actual;
          lifetime += actual;
        };
        const compare = (): void => {
          if (state === undefined) return;
          const kept = [state.current, ...state.earlier];
          for (const { id, spent, held } of kept) expect({ spent, held }).toEqual(tallyOf(id));
          // None is dropped while something is held in it, and none is kept twice.
          const ids = kept.map(({ id }) => id);
          expect(new Set(ids).size).toBe(ids.length);
          for (const [id, { held }] of tallies) if (held > 0) expect(ids).toContain(id);
        };

        for (const { pause, amount, settles, actual, back } of steps) {
          latest += Math.floor(pause * NOMINAL_MS[period]);
          const now = latest - back;
          if (settles !== null) settle(settles, actual);
          compare();
          const { id } = windowAt(period, place.zone, latest);
          if (state !== undefined && state.current.id !== id) rollovers += 1;
          const before = tallies.get(id) ?? { spent: 0, held: 0 };
          const check = calendar.check(state, rule, amount, latest);
          const fits = before.spent + before.held + amount <= MAX;
          expect(check.verdict === "go").toBe(fits);
          if (check.verdict === "wait") expect(check.held).toBe(before.spent + amount <= MAX);
          if (!fits) continue;
          const taken = calendar.take(state, rule, amount, latest);
          expect(taken.window).toBe(id);
          state = taken.state;
          tallyOf(taken.window).held += amount;
          open.push({ window: taken.window, amount });
          // A clock that has gone back sees the same window, as full as it is.
          expect(calendar.standing(state, rule, now)).toEqual(
            calendar.standing(state, rule, latest),
          );
          compare();
        }
        while (open.length > 0) settle(0, 3);
        compare();
        expect(state?.earlier ?? []).toEqual([]);
        expect([...tallies.values()].reduce((sum, { spent }) => sum + spent, 0)).toBe(lifetime);
      }),
      { numRuns: 3_000 },
    );
    expect(rollovers).toBeGreaterThan(3_000);
  });

  it("a time zone that was changed begins anew, and finds its window again where it was held", () => {
    const berlin = ruleOf({ kind: "calendar", per: "day", timezone: "Europe/Berlin", max: MAX });
    const apia = { ...berlin, timezone: "Pacific/Apia" };
    const now = Date.UTC(2026, 10, 21, 12);
    const first = calendar.take(undefined, berlin, 60, now);
    expect(calendar.check(first.state, apia, MAX, now).verdict).toBe("go");
    const second = calendar.take(first.state, apia, 10, now);
    const spent = calendar.settle(second.state, apia, second.window, 10, 10, now);
    expect(calendar.standing(spent, berlin, now)).toMatchObject({ used: 0, held: 60 });
    const settled = calendar.settle(spent, apia, first.window, 60, 5, now);
    expect(calendar.standing(settled, apia, now)).toMatchObject({ used: 10, held: 0 });
  });
});
