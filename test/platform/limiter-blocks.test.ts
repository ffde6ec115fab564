import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { err, ok } from "../../src/base/result.ts";
import { type Cost, type LimitRule, NO_COST } from "../../src/domain/limit.ts";
import type { Caller } from "../../src/domain/tenant.ts";
import { createBlocks } from "../../src/platform/limiter-blocks.ts";
import { principalOf } from "../../src/platform/limiter-principal.ts";
import type {
  Block,
  DrawCall,
  OrganisationCalls,
} from "../../src/platform/objects/organisation-calls.ts";
import type { Reach } from "../../src/platform/organisation-reach.ts";
import type { Admission } from "../../src/policy/limits/admission.ts";
import { LEASE_GRACE_MS, LEASE_MS } from "../../src/policy/limits/times.ts";
import { ruleOf } from "../policy/limits/rule.ts";
import { createVirtualTime } from "../support/virtual-time.ts";
import { rowOf } from "./organisation-world.ts";

const callerOf = (key: string, more: Partial<Caller> = {}): Caller => ({
  ...{ org: "acme", tenant: "ten00001", key, lineage: key, revisions: { key: 1, org: 1 } },
  ...{ keyName: undefined, team: undefined, user: undefined, expiresAt: undefined },
  ...{ locationHint: undefined, scopes: new Set(), tags: {}, policies: [], levels: [] },
  ...more,
});
const BUSY = callerOf("busy");
const SLOW = callerOf("slow");

/** One of each unit: whatever a request costs is counted. */
const RULES = (["requests", "tokens", "usd", "concurrent"] as const).map((unit) =>
  ruleOf({ id: unit, unit }),
);

type Scene = {
  readonly gives?: Partial<Block>;
  readonly refuses?: boolean;
  readonly rules?: readonly LimitRule[];
};

/** An isolate with a block that a busy key has asked for, of the edition "first". */
const stage = async ({ gives = {}, refuses = false, rules = RULES }: Scene = {}) => {
  const time = createVirtualTime();
  const returned: DrawCall[] = [];
  const asked: string[] = [];
  const ids = { asked: [] as string[], returned: [] as string[] };
  let edition = "first";
  const near = { requests: undefined, tokens: undefined };
  const object = {
    lease: async ({ principal, leasing }) => {
      asked.push(principal.key);
      ids.asked.push(leasing.id);
      if (refuses) return undefined;
      return { cost: { ...NO_COST, requests: 100, slots: 100 }, ...near, edition, ...gives };
    },
    giveBack: async (id, running) => {
      ids.returned.push(id);
      returned.push(...running);
    },
  } as Pick<OrganisationCalls, "lease" | "giveBack"> as OrganisationCalls;
  const state = { loses: false };
  const reach = (async (_, ask) => {
    const answer = ok(await ask(object));
    return state.loses ? err({ retryAfterMs: 0, mayHaveArrived: true }) : answer;
  }) as Reach<OrganisationCalls>;
  const blocks = createBlocks({ reach, clock: time, background: () => {}, principalOf });
  let count = 0;
  const answer = (caller: Caller, cost: Partial<Cost> = {}) => {
    count += 1;
    const floor = { tokens: 0, nanoUsd: 0 };
    const options = [{ model: "m", cost: { ...NO_COST, requests: 1, ...cost }, floor }] as const;
    const ways = [{ from: 0, options }] as const;
    const deadline = time.now() + 30_000;
    const admission: Admission = { id: `r${count}`, rules, ways, deadline };
    return blocks.admit(caller, admission, rowOf(admission.id));
  };
  const admit = (caller: Caller, cost: Partial<Cost> = {}) => answer(caller, cost)?.ok === true;
  const heat = async (caller: Caller): Promise<void> => {
    for (let at = 0; at < 12; at += 1) admit(caller);
    await time.play(0);
  };
  await heat(BUSY);
  const change = (to: string): void => {
    edition = to;
  };
  const last = (): string => `r${count}`;
  return { time, blocks, answer, admit, last, heat, change, returned, asked, ids, state };
};

const UNITS = ["requests", "tokens", "nanoUsd", "slots"] as const;
const sizes = fc.record({
  requests: fc.constant(1),
  tokens: fc.nat({ max: 30 }),
  nanoUsd: fc.nat({ max: 30 }),
  slots: fc.constant(1),
});
const roomy = fc.record({
  requests: fc.integer({ min: 1, max: 12 }),
  tokens: fc.integer({ min: 30, max: 120 }),
  nanoUsd: fc.integer({ min: 30, max: 120 }),
  slots: fc.integer({ min: 1, max: 12 }),
});

describe("a block", () => {
  it("is asked for once by keys that are slow by themselves and busy together", async () => {
    const { time, admit, asked } = await stage();
    await time.play(2 * LEASE_MS);
    for (let at = 0; at < 12; at += 1) admit(callerOf(`k${at}`));
    await time.play(0);
    expect(asked).toEqual(["busy", "k9"]);
  });

  it("admits a key of which the object has said that it is live, whoever asked for it", async () => {
    const { blocks, admit } = await stage();
    expect(admit(SLOW)).toBe(false);
    blocks.judged(SLOW, "first");
    expect(admit(SLOW)).toBe(true);
  });

  it("admits no key of another organisation", async () => {
    const { blocks, admit } = await stage();
    const stranger = callerOf("stranger", { tenant: "ten00002" });
    blocks.judged(stranger, "first");
    expect(admit(stranger)).toBe(false);
  });

  it("admits no key that was judged before something changed, until it has been judged anew", async () => {
    const { time, blocks, admit, heat, change } = await stage();
    blocks.judged(SLOW, "first");
    change("second");
    await time.play(LEASE_MS);
    await heat(BUSY);
    expect([admit(BUSY), admit(SLOW)]).toEqual([true, false]);
    blocks.judged(SLOW, "second");
    expect(admit(SLOW)).toBe(true);
  });

  it("admits no key by an older record than the one that was judged", async () => {
    const { blocks, admit } = await stage();
    blocks.judged({ ...SLOW, revisions: { key: 2, org: 1 } }, "first");
    expect(admit(SLOW)).toBe(false);
    expect(admit({ ...SLOW, revisions: { key: 2, org: 2 } })).toBe(true);
  });

  it("admits what fits into what is left of it, in every unit, and nothing else", async () => {
    await fc.assert(
      fc.asyncProperty(
        roomy,
        fc.array(sizes, { minLength: 1, maxLength: 20 }),
        async (cost, all) => {
          const { admit } = await stage({ gives: { cost } });
          const left: Record<keyof Cost, number> = { ...cost };
          for (const each of all) {
            const fits = UNITS.every((unit) => each[unit] <= left[unit]);
            expect(admit(BUSY, each)).toBe(fits);
            if (!fits) continue;
            for (const unit of UNITS) left[unit] -= each[unit];
          }
        },
      ),
    );
  });

  it("needs not hold what no limit counts", async () => {
    const cost = { ...NO_COST, requests: 50, tokens: 40 };
    const tokens = RULES.filter(({ unit }) => unit === "tokens");
    const { admit } = await stage({ gives: { cost }, rules: tokens });
    const dear = { tokens: 30, nanoUsd: 1_000, slots: 1 };
    expect([admit(BUSY, dear), admit(BUSY, dear)]).toEqual([true, false]);
  });

  it("counts what is left of it as free, beside what the object said", async () => {
    const near = { limit: 1_000, remaining: 300, resetMs: 9_000 };
    const cost = { ...NO_COST, requests: 50, slots: 50, tokens: 400 };
    const { answer } = await stage({ gives: { cost, requests: near, tokens: near } });
    expect(answer(BUSY, { tokens: 30 })).toMatchObject({
      requests: { ...near, remaining: 300 + 49 },
      tokens: { ...near, remaining: 300 + 370 },
    });
  });

  it.each(["key", "org", "team", "user"] as const)(
    "admits nobody by an older record of his %s than the one that was judged",
    async (entity) => {
      const revisions = { key: 2, org: 2, team: 2, user: 2 };
      const { blocks, admit } = await stage();
      blocks.judged({ ...SLOW, revisions }, "first");
      expect(admit({ ...SLOW, revisions: { ...revisions, [entity]: 1 } })).toBe(false);
      expect(admit({ ...SLOW, revisions: { ...revisions, [entity]: 3 } })).toBe(true);
    },
  );

  it("is asked for again a second after it was refused, not before", async () => {
    const { time, heat, asked } = await stage({ refuses: true });
    await heat(BUSY);
    expect(asked).toHaveLength(1);
    await time.play(1_001);
    await heat(BUSY);
    expect(asked).toHaveLength(2);
  });

  it("whose answer was lost is given back: it may have been given", async () => {
    const { time, heat, ids, state } = await stage({ refuses: true });
    await time.play(2_000);
    state.loses = true;
    await heat(BUSY);
    state.loses = false;
    await time.play(1_000);
    expect(ids.returned.at(-1)).toBe(ids.asked[1]);
    expect(ids.returned.length).toBeGreaterThan(1);
  });

  it("is given back until the object has it, or has charged it", async () => {
    const { time, ids, state } = await stage();
    state.loses = true;
    await time.play(LEASE_MS + LEASE_GRACE_MS + 60_000);
    expect(new Set(ids.returned)).toEqual(new Set(ids.asked));
    expect(ids.returned.length).toBeGreaterThan(LEASE_GRACE_MS / 1_000 - 1);
    expect(ids.returned.length).toBeLessThan(LEASE_GRACE_MS / 1_000 + 3);
  });

  it("is given back without those whose ends the object has", async () => {
    const { time, blocks, admit, last, returned } = await stage();
    admit(BUSY);
    blocks.ended(last());
    admit(BUSY);
    const running = last();
    await time.play(2 * LEASE_MS);
    expect(returned.map(({ drawn }) => drawn.id)).toEqual([running]);
  });

  it("is given back with each request under the key that made it", async () => {
    const { time, blocks, admit, returned } = await stage();
    blocks.judged(SLOW, "first");
    admit(BUSY);
    admit(SLOW);
    await time.play(2 * LEASE_MS);
    expect(returned.map(({ lineage, drawn }) => [lineage, drawn.owner])).toEqual([
      ["busy", "busy"],
      ["slow", "busy"],
    ]);
  });
});
