import { describe, expect, it } from "vitest";
import { broken, isolateOf, never, overloaded, retryable } from "./limiter-isolate.ts";
import { newWorld, ruleOf } from "./organisation-world.ts";

const HELD = [
  ruleOf({ unit: "usd", kind: "calendar", per: "day", max: 1_000 }),
  ruleOf({ unit: "tokens", kind: "sliding", max: 1_000 }),
  ruleOf({ unit: "concurrent", kind: "slots", per: undefined, max: 10 }),
];
const COST = { tokens: 100, nanoUsd: 100 };
const unavailable = { ok: false, code: "unavailable", retryAfterMs: expect.any(Number) };

const scene = async (random?: () => number) => {
  const world = await newWorld();
  const isolate = isolateOf(world, random);
  // The object is there, and knows the key.
  await world.object.admit(world.call("first", []), []);
  await world.object.end([world.end("first", 0)]);
  isolate.calls.length = 0;
  const heldNow = async () => {
    const { rules, reservations, slots } = await world.object.limits();
    return { held: rules.map(({ held }) => held), reservations, slots };
  };
  return { world, heldNow, ...isolate };
};
const NOTHING = { held: [0, 0, 0], reservations: 0, slots: 0 };
const ONE = { held: expect.arrayContaining([100, 100, 1]), reservations: 1, slots: 1 };

describe("an object that is full", () => {
  it("F46 is not asked again, and its callers come back at different times", async () => {
    for (const [chance, wait] of [
      [0, 1_000],
      [0.5, 2_000],
      [0.999, 2_998],
    ] as const) {
      const { breaks, admit, calls } = await scene(() => chance);
      breaks(() => Promise.reject(overloaded()));
      expect(await admit("a", HELD, COST)).toEqual({ ...unavailable, retryAfterMs: wait });
      expect(calls).toEqual(["admit"]);
    }
  });
});

describe("an object that moves", () => {
  it("F47 is asked again through a new stub, twice at most, and holds once", async () => {
    const { breaks, admit, calls, heldNow } = await scene();
    const stubs: number[] = [];
    // It had done what it was asked before its answer was lost.
    breaks(async (_, call, stub) => {
      stubs.push(stub);
      const answer = await call();
      if (stubs.length < 3) throw retryable();
      return answer;
    });
    expect(await admit("a", HELD, COST)).toMatchObject({ ok: true, models: ["m"] });
    expect(calls).toEqual(["admit", "admit", "admit"]);
    expect(new Set(stubs).size).toBe(3);
    expect(await heldNow()).toEqual(ONE);
  });

  it("F47 for longer is told to the caller, and holds nothing for him", async () => {
    const { breaks, mends, admit, calls, heldNow, pass, world } = await scene();
    breaks(async (_, call) => {
      await call();
      throw retryable();
    });
    expect(await admit("a", HELD, COST)).toEqual(unavailable);
    expect(calls.filter((name) => name === "admit")).toHaveLength(3);
    mends();
    await pass(3_000);
    expect(await heldNow()).toEqual(NOTHING);
    const row = { status: 503, error_code: "limiter_unavailable", cost_nano_usd: null };
    expect(await world.object.row("a")).toMatchObject(row);
  });
});

describe("an object that is slow", () => {
  it("F48 is waited for two seconds; what it admits after that is held for nobody", async () => {
    const { breaks, mends, admit, heldNow, pass, world } = await scene();
    let arrive = (): void => {};
    const late = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    let arrived: Promise<unknown> = Promise.resolve();
    breaks((_, call) => {
      arrived = late.then(call);
      return never();
    });
    const answer = admit("a", HELD, COST);
    await pass(1_999);
    await expect(Promise.race([answer, "waits"])).resolves.toBe("waits");
    mends();
    await pass(1);
    expect(await answer).toEqual(unavailable);
    await pass(1_000);
    arrive();
    await arrived;
    expect(await heldNow()).toEqual({ ...NOTHING, held: [] });
    expect(await world.object.row("a")).toMatchObject({ status: 503 });
  });

  it("F48 that admitted and was heard too late gives back what it holds", async () => {
    const { breaks, mends, admit, heldNow, pass } = await scene();
    breaks(async (_, call) => {
      await call();
      return never();
    });
    const answer = admit("a", HELD, COST);
    await pass(0);
    expect(await heldNow()).toEqual(ONE);
    mends();
    await pass(2_000);
    expect(await answer).toEqual(unavailable);
    await pass(1_000);
    expect(await heldNow()).toEqual(NOTHING);
  });
});

describe("the end of a request", () => {
  it("F44 is told until it is heard, and counts once", async () => {
    const { breaks, mends, admit, end, heldNow, pass, world, calls } = await scene();
    await admit("a", HELD, COST);
    breaks(async (_, call) => {
      await call();
      throw broken();
    });
    end("a", { tokens: 40, nanoUsd: 30 });
    await pass(1_000);
    mends();
    await pass(1_000);
    expect(calls.filter((name) => name === "end").length).toBeGreaterThan(1);
    expect(await heldNow()).toEqual(NOTHING);
    const used = (await world.object.limits()).rules.map(({ rule, used }) => [rule.unit, used]);
    expect(Object.fromEntries(used)).toEqual({ usd: 30, tokens: 40, concurrent: 0 });
  });

  it("that was never heard goes along with the next question", async () => {
    const { breaks, mends, admit, end, heldNow, pass } = await scene();
    await admit("a", HELD, COST);
    breaks(() => Promise.reject(broken()));
    end("a", { tokens: 40, nanoUsd: 30 });
    await pass(1_000);
    await pass(1_000);
    await pass(1_000);
    mends();
    await pass(60_000);
    expect(await heldNow()).toEqual(ONE);
    await admit("b", []);
    expect(await heldNow()).toMatchObject({ ...NOTHING, reservations: 1 });
  });
});

describe("P19 while nobody can be asked", () => {
  const open = { storeDown: "open_local" } as const;
  const rate = ruleOf({ max: 20, ...open });
  const tokens = ruleOf({ unit: "tokens", kind: "sliding", max: 1_000, ...open });
  const dark = async () => {
    const made = await scene();
    made.breaks(() => Promise.reject(broken()));
    return made;
  };

  it("requests and tokens pass where all rules say so, a tenth of each maximum", async () => {
    const { admit, noted } = await dark();
    const answers = [];
    for (let at = 0; at < 4; at += 1) answers.push(await admit(`r${at}`, [rate]));
    expect(answers.map(({ ok }) => ok)).toEqual([true, true, false, false]);
    expect(noted).toContain("limits.open_local");
    const sized = [];
    for (let at = 0; at < 3; at += 1) sized.push(await admit(`t${at}`, [tokens], { tokens: 50 }));
    expect(sized.map(({ ok }) => ok)).toEqual([true, true, false]);
  });

  it.each([
    ["nothing says so", [ruleOf({ max: 20 })]],
    ["one rule does not say so", [rate, ruleOf({ max: 20, level: "team" })]],
    ["money is counted", [rate, ruleOf({ unit: "usd", kind: "calendar", per: "day", ...open })]],
    ["slots are counted", [ruleOf({ unit: "concurrent", kind: "slots", per: undefined, ...open })]],
    ["nothing is counted", []],
    ["the rule is only tried out", [ruleOf({ max: 20, mode: "shadow", ...open })]],
  ])("nobody passes where %s", async (_, rules) => {
    const { admit } = await dark();
    expect(await admit("a", rules)).toEqual(unavailable);
  });

  it("what passed has a row when the object is back", async () => {
    const { admit, end, mends, pass, world } = await dark();
    expect(await admit("a", [rate])).toMatchObject({ ok: true });
    mends();
    end("a", { tokens: 5, nanoUsd: 7 }, { output_tokens: 5, cost_nano_usd: 7 });
    await pass(1_000);
    expect(await world.object.row("a")).toMatchObject({ output_tokens: 5, status: 200 });
    expect(await world.object.spend(world.principal.lineage)).toEqual({ today: 7, month: 7 });
    expect((await world.object.limits()).reservations).toBe(0);
  });
});
