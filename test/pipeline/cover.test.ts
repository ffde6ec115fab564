import { describe, expect, it } from "vitest";
import type { LimitRule } from "../../src/domain/limit.ts";
import { freeEntry } from "../../src/pipeline/bill.ts";
import { cover } from "../../src/pipeline/cover.ts";
import type { Permit } from "../../src/pipeline/permit.ts";
import { begin } from "../../src/pipeline/run.ts";
import type { Extension } from "../../src/policy/limits/account.ts";
import { plainlyAdmitted } from "../../src/policy/limits/admission.ts";
import type { Seen } from "../../src/policy/limits/book.ts";
import { noLimiter } from "../../src/ports-account.ts";
import { ruleOf } from "../policy/limits/rule.ts";
import { askFor, createStage } from "../support/pipeline.ts";
import { CONFIG, MESSAGES, SECRETS } from "../support/recovery.ts";

const cost = { requests: 1, slots: 1, tokens: 100, nanoUsd: 1_000 };
const FLOOR = { tokens: 7, nanoUsd: 70 };
const [ONE, TWO] = ["openai", "anthropic"] as const;
const OF_BOTH = ruleOf({ id: "both", unit: "tokens", models: [ONE, TWO] });
const OF_ALL = ruleOf({ id: "all", unit: "tokens" });

/** A request that was admitted for the first of two targets; `held`: for the whole of it, in tokens. */
const stage = async (rules: readonly LimitRule[], held: number, money = 1_000_000) => {
  const told: Seen[] = [];
  const extensions: Extension[] = [];
  const { deps, ...rest } = createStage(CONFIG, () => "silent", SECRETS);
  const snapshot = await deps.settings.current();
  const run = begin(askFor({ deps, ...rest }, { model: ONE, messages: MESSAGES }), "chat", 1);
  const limiter = {
    ...noLimiter,
    progress: (_: unknown, __: string, seen: Seen) => void told.push(seen),
    extend: async (_: unknown, __: string, extension: Extension) => {
      extensions.push(extension);
      return true;
    },
  };
  const option = { model: ONE, cost, floor: FLOOR };
  const admission = {
    id: "r",
    rules,
    ways: [{ from: 0, options: [option] }],
    deadline: 0,
  } as const;
  const permit: Permit = {
    ...{ granted: plainlyAdmitted(admission), rules, wanted: ONE, asking: ONE },
    held: { tokens: held, nanoUsd: money },
    holds: new Map(
      [ONE, TWO].map((model) => [model, { cost, floor: FLOOR, outputCap: undefined }]),
    ),
    covered: new Map([ONE, TWO].map((model) => [model, { tokens: held, nanoUsd: 1_000_000 }])),
  };
  run.permit = permit;
  const targetOf = (model: string) => {
    const target = snapshot.targets.get(model);
    if (target === undefined) throw new Error("no target");
    return target;
  };
  const attempt = (model: string) => cover({ ...deps, limiter }, run, targetOf(model));
  const paid = (model: string, tokens: number): void => {
    const target = { ...targetOf(model), price: undefined };
    const usage = { output_tokens: tokens };
    run.bill.entries.push({ ...freeEntry(target), usage, isFree: false });
  };
  return { told, extensions, attempt, paid };
};

describe("should nobody tell the end of a request", () => {
  it("the limits of whom it was asked last are charged, beside what was paid before", async () => {
    const { told, attempt, paid } = await stage([OF_BOTH], 100_000);
    await attempt(ONE);
    expect(told).toEqual([]);
    paid(ONE, 30);
    paid(TWO, 5);
    await attempt(TWO);
    await attempt(TWO);
    const after = { tokens: 5 + FLOOR.tokens, nanoUsd: FLOOR.nanoUsd };
    const byModel = { [ONE]: { tokens: 30, nanoUsd: 0 }, [TWO]: after };
    expect(told).toEqual([{ tokens: 35 + FLOOR.tokens, nanoUsd: FLOOR.nanoUsd, byModel }]);
    await attempt(ONE);
    expect(told).toHaveLength(2);
  });

  it.each([[[OF_BOTH, OF_ALL]], [[OF_BOTH]]])(
    "so they are where more had to be taken for it: %#",
    async (rules) => {
      const { told, extensions, attempt, paid } = await stage(rules, 100);
      await attempt(ONE);
      paid(ONE, 30);
      paid(TWO, 5);
      await attempt(TWO);
      const after = { tokens: 5 + FLOOR.tokens, nanoUsd: FLOOR.nanoUsd };
      expect(extensions.map(({ floor }) => floor)).toEqual([
        {
          total: { tokens: 35 + FLOOR.tokens, nanoUsd: FLOOR.nanoUsd },
          byModel: { [ONE]: { tokens: 30, nanoUsd: 0 }, [TWO]: after },
        },
      ]);
      await attempt(TWO);
      expect(told).toEqual([]);
    },
  );

  it("nothing is told where no limit is of single targets", async () => {
    const { told, attempt } = await stage([OF_ALL], 100_000);
    await attempt(TWO);
    expect(told).toEqual([]);
  });

  it("it is told where only some of them are", async () => {
    const { told, attempt } = await stage([OF_ALL, OF_BOTH], 100_000);
    await attempt(TWO);
    expect(told).toHaveLength(1);
  });
});

it("the money that is missing is taken where money is counted", async () => {
  const usd = ruleOf({ unit: "usd" });
  const counted = await stage([usd], 100_000, 400);
  await counted.attempt(ONE);
  await counted.attempt(ONE);
  expect(counted.extensions.map(({ more }) => more)).toEqual([{ tokens: 0, nanoUsd: 600 }]);
  const plain = await stage([OF_ALL], 100_000, 400);
  await plain.attempt(ONE);
  expect(plain.extensions).toEqual([]);
});
