import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { AdmitCall } from "../../src/platform/objects/organisation-calls.ts";
import { newWorld, ruleOf, type World } from "./organisation-world.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

afterEach(() => {
  vi.useRealTimers();
});

/** Moves the object's clock; it looks at Date alone. */
const setClock = (now: number): void => {
  vi.useFakeTimers({ toFake: ["Date"], now });
};

const sql = <T>(world: World, ask: (storage: SqlStorage) => T): Promise<T> =>
  runInDurableObject(world.object, (_, { storage }) => ask(storage.sql));

/** Asked inside the object: what it throws there is nobody's unhandled rejection. */
const admitted = ({ object }: World, call: AdmitCall): Promise<boolean> =>
  runInDurableObject(object, (instance) =>
    instance.admit(call, []).then(
      ({ ok }) => ok,
      () => false,
    ),
  );

const standing = async (object: World["object"]) => {
  const { rules, reservations, slots } = await object.limits();
  return { reservations, slots, rules: rules.map(({ rule, used, held }) => [rule.id, used, held]) };
};

const COST = { tokens: 100, nanoUsd: 100 };
const RULES = [
  ruleOf({ unit: "usd", kind: "calendar", per: "day", max: 1_000 }),
  ruleOf({ unit: "tokens", kind: "sliding", max: 1_000 }),
  ruleOf({ unit: "concurrent", kind: "slots", per: undefined, max: 10 }),
];

describe("an object that cannot write", () => {
  // As a full disk would: the statement in the middle of an admission fails.
  const jam = (world: World) =>
    sql(world, (storage) =>
      storage.exec(
        `CREATE TRIGGER full BEFORE INSERT ON request WHEN NEW.id = 'b'
         BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END`,
      ),
    );

  it("F45 F58 admits whole or not at all, and once when it is asked again", async () => {
    const world = await newWorld();
    const { object, call } = world;
    await object.admit(call("a", RULES, COST), []);
    const before = await standing(object);
    await jam(world);
    expect(await admitted(world, call("b", RULES, COST))).toBe(false);
    expect(await standing(object)).toEqual(before);
    await evictDurableObject(object);
    expect(await standing(object)).toEqual(before);
    await sql(world, (storage) => storage.exec("DROP TRIGGER full"));
    for (let time = 0; time < 2; time += 1) {
      expect((await object.admit(call("b", RULES, COST), [])).ok).toBe(true);
    }
    expect(await object.limits()).toMatchObject({ reservations: 2, slots: 2 });
  });

  it("F58 still settles what it holds, and can be read", async () => {
    const world = await newWorld();
    const { object, call, end } = world;
    await object.admit(call("a", RULES, COST), []);
    await jam(world);
    expect(await admitted(world, call("b", RULES, COST))).toBe(false);
    await object.end([end("a", 10, 10)]);
    expect(await object.row("a")).toMatchObject({ output_tokens: 10 });
    expect(await object.limits()).toMatchObject({ reservations: 0, slots: 0 });
  });
});

describe("an end that is told again", () => {
  it("F90 changes nothing, whatever it says", async () => {
    const { object, call, end, principal } = await newWorld();
    await object.admit(call("a", RULES, COST), []);
    await object.end([end("a", 10, 10)]);
    const before = await standing(object);
    await object.end([end("a", 10, 10), end("a", 1_000_000, 1_000_000), end("a", 0, 0)]);
    expect(await standing(object)).toEqual(before);
    expect(await object.row("a")).toMatchObject({ output_tokens: 10, cost_nano_usd: 10 });
    expect(await object.spend(principal.lineage)).toEqual({ today: 10, month: 10 });
  });
});

describe("what another version of the Worker has written", () => {
  it("F55 is read, and what is unknown of it is kept", async () => {
    const world = await newWorld();
    const { object, call, end } = world;
    await object.admit(call("a", RULES, COST), []);
    await sql(world, (storage) => {
      storage.exec("UPDATE request SET reservation = json_set(reservation, '$.tomorrow', 7)");
      storage.exec("UPDATE rule SET entry = json_set(entry, '$.tomorrow', 7)");
    });
    await evictDurableObject(object);
    await object.progress("a", { tokens: 5, nanoUsd: 5 });
    await object.admit(call("b", RULES, COST), []);
    await object.end([end("a", 10, 10)]);
    const [kept, rules] = await sql(world, (storage) => [
      storage
        .exec("SELECT reservation ->> '$.tomorrow' AS it FROM request WHERE id = 'a'")
        .toArray(),
      storage.exec("SELECT DISTINCT entry ->> '$.tomorrow' AS it FROM rule").toArray(),
    ]);
    expect([kept, rules]).toEqual([[{ it: 7 }], [{ it: 7 }]]);
    expect(await object.limits()).toMatchObject({ reservations: 1 });
  });

  it("F55 is read where it knows less", async () => {
    const world = await newWorld();
    const { object, call, end } = world;
    await object.admit(call("a", RULES, COST), []);
    await sql(world, (storage) => {
      storage.exec("UPDATE request SET reservation = json_remove(reservation, '$.over')");
      storage.exec("UPDATE rule SET entry = json_remove(entry, '$.warned')");
    });
    await evictDurableObject(object);
    await object.progress("a", { tokens: 5, nanoUsd: 5 });
    await object.end([end("a", 10, 10)]);
    const { rules, reservations } = await object.limits();
    expect(reservations).toBe(0);
    expect(rules.map(({ used, held }) => [used, held])).toEqual(
      expect.arrayContaining([
        [10, 0],
        [10, 0],
        [0, 0],
      ]),
    );
  });
});

describe("F56 a clock that steps", () => {
  const noon = Date.UTC(2026, 10, 21, 12);
  const KINDS = [
    ["bucket", ruleOf({ max: 2, per: "minute", kind: "bucket" })],
    ["sliding", ruleOf({ max: 2, per: "minute", kind: "sliding" })],
    ["calendar", ruleOf({ max: 2, per: "day", kind: "calendar" })],
    ["leaky", ruleOf({ max: 2, per: "minute", kind: "leaky", maxWaitMs: 30_000 })],
  ] as const;
  /** How many of three requests get through. */
  const passing = async (
    { object, call }: World,
    rule: (typeof KINDS)[number][1],
    name: string,
  ) => {
    let passed = 0;
    for (let at = 0; at < 3; at += 1) {
      if ((await object.admit(call(`${name}${at}`, [rule]), [])).ok) passed += 1;
    }
    return passed;
  };

  it.each(KINDS)("back ten minutes gives nothing away: %s", async (_, rule) => {
    setClock(noon);
    const world = await newWorld();
    expect(await passing(world, rule, "before")).toBe(2);
    setClock(noon - 10 * MINUTE);
    expect(await passing(world, rule, "back")).toBe(0);
    // Nor does it to an object that has forgotten what time it was.
    await evictDurableObject(world.object);
    expect(await passing(world, rule, "evicted")).toBe(0);
  });

  it.each(KINDS)("forward a day and back again gives one day's: %s", async (_, rule) => {
    setClock(noon);
    const world = await newWorld();
    expect(await passing(world, rule, "before")).toBe(2);
    setClock(noon + DAY);
    expect(await passing(world, rule, "tomorrow")).toBe(2);
    setClock(noon);
    expect(await passing(world, rule, "back")).toBe(0);
    await evictDurableObject(world.object);
    expect(await passing(world, rule, "evicted")).toBe(0);
    setClock(noon + DAY + 1);
    expect(await passing(world, rule, "again")).toBe(0);
  });

  it("settles into the window that it held in, whichever it is by then", async () => {
    setClock(noon);
    const { object, call, end } = await newWorld();
    const [budget] = RULES;
    if (budget === undefined) throw new Error("no rule");
    await object.admit(call("a", [budget], { nanoUsd: 100 }), []);
    setClock(noon + DAY);
    await object.admit(call("b", [budget], { nanoUsd: 7 }), []);
    setClock(noon - 10 * MINUTE);
    await object.end([end("a", 0, 60)]);
    const [view] = (await object.limits()).rules;
    expect([view?.used, view?.held]).toEqual([0, 7]);
  });
});
