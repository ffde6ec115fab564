import { describe, expect, it } from "vitest";
import { NO_COST } from "../../src/domain/limit.ts";
import { createHeat, type Heat, type Held } from "../../src/platform/limiter-heat.ts";
import { LEASE_MS } from "../../src/policy/limits/times.ts";
import { NOON, ruleOf } from "../policy/limits/rule.ts";

const PLACE = { tenant: "ten00001", locationHint: undefined };
const SECOND = 1_000;

const stage = () => {
  const heats = createHeat();
  const heat = heats.of(PLACE, [], NOON);
  /** So many admissions at once; whether the last of them found it hot. */
  const comes = (count: number, now: number): boolean => {
    let hot = false;
    for (let at = 0; at < count; at += 1) hot = heats.isHot(heat, now);
    return hot;
  };
  return { heats, heat, comes };
};

/** A block of a hundred requests of which so many are left, so long before its end. */
const blockOf = (left: number, until: number): Held => ({
  id: "block",
  until,
  block: {
    cost: { ...NO_COST, requests: 100 },
    requests: undefined,
    tokens: undefined,
    edition: "first",
  },
  owner: "key00001",
  left: { ...NO_COST, requests: left },
  running: new Map(),
});
const withBlocks = (heat: Heat, ...blocks: Held[]): Heat => Object.assign(heat, { blocks });

describe("a set of rules", () => {
  it("is hot from the tenth admission of a second on", () => {
    const { comes } = stage();
    expect([comes(9, NOON), comes(1, NOON)]).toEqual([false, true]);
  });

  it("is counted anew each second", () => {
    const { comes } = stage();
    expect([comes(9, NOON), comes(9, NOON + SECOND + 1)]).toEqual([false, false]);
  });

  it("stays hot while there is a block, and no longer", () => {
    const { heat, comes } = stage();
    withBlocks(heat, blockOf(100, NOON + 5 * SECOND));
    expect(comes(1, NOON + 5 * SECOND - 1)).toBe(true);
    expect(comes(1, NOON + 5 * SECOND)).toBe(false);
    expect(heat.blocks).toEqual([]);
  });

  it("is another one where a maximum differs, and the same one in another list", () => {
    const { heats } = stage();
    const [small, large] = [ruleOf({ max: 5 }), ruleOf({ max: 6 })];
    const heat = heats.of(PLACE, [small], NOON);
    expect(heats.of(PLACE, [{ ...small }], NOON)).toBe(heat);
    expect(heats.of(PLACE, [large], NOON)).not.toBe(heat);
    expect(heats.of({ ...PLACE, tenant: "ten00002" }, [small], NOON)).not.toBe(heat);
  });

  it("expects twice what has begun to come, later the more of two seconds, for a block's life", () => {
    const { heats, heat, comes } = stage();
    const seconds = LEASE_MS / SECOND;
    comes(30, NOON);
    expect(heats.expected(heat)).toBe(60 * seconds);
    comes(20, NOON + SECOND + 1);
    expect(heats.expected(heat)).toBe(30 * seconds);
    comes(20, NOON + SECOND + 1);
    expect(heats.expected(heat)).toBe(40 * seconds);
    comes(5, NOON + 5 * SECOND);
    expect(heats.expected(heat)).toBe(10 * seconds);
  });
});

describe("a block is wanted", () => {
  const hot = () => {
    const all = stage();
    all.comes(10, NOON);
    return all;
  };

  it("where it is hot and there is none", () => {
    const { heats, heat } = hot();
    expect(heats.wantsBlock(heat, NOON)).toBe(true);
    expect(heats.wantsBlock({ ...heat, count: 9 }, NOON)).toBe(false);
  });

  it.each([
    [50, LEASE_MS / 2, false],
    [49, LEASE_MS / 2, true],
    [50, LEASE_MS / 2 - 1, true],
    [100, LEASE_MS, false],
    [0, LEASE_MS, true],
  ])("where %i of a hundred are left for %i ms: %j", (left, ms, wanted) => {
    const { heats, heat } = hot();
    withBlocks(heat, blockOf(left, NOON + ms));
    expect(heats.wantsBlock(heat, NOON)).toBe(wanted);
    withBlocks(heat, blockOf(left, NOON + ms), blockOf(100, NOON + LEASE_MS));
    expect(heats.wantsBlock(heat, NOON)).toBe(false);
  });

  it("once, unless nobody answers for five seconds", () => {
    const { heats, heat } = hot();
    heat.askedAt = NOON;
    expect(heats.wantsBlock(heat, NOON + 5 * SECOND - 1)).toBe(false);
    expect(heats.wantsBlock(heat, NOON + 5 * SECOND)).toBe(true);
  });

  it("not within a second of a refusal", () => {
    const { heats, heat } = hot();
    heat.refusedAt = NOON;
    expect(heats.wantsBlock(heat, NOON + SECOND)).toBe(false);
    expect(heats.wantsBlock(heat, NOON + SECOND + 1)).toBe(true);
  });
});
