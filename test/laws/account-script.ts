/**
 * Decides: which rules and which steps the account's laws are tried with.
 * Never: plays them.
 */
import fc from "fast-check";
import type { Cost, LimitRule } from "../../src/domain/limit.ts";
import type { Admission, Way } from "../../src/policy/limits/admission.ts";
import { ruleOf } from "../policy/limits/rule.ts";

const DOES = [
  ...["ask", "ask", "ask", "ask", "end", "end", "end", "extend", "progress", "sweep", "expire"],
  ...["grant", "draw", "draw", "draw", "giveBack"],
] as const;

export type Step = {
  readonly does:
    | "ask"
    | "end"
    | "extend"
    | "progress"
    | "sweep"
    | "expire"
    | "grant"
    | "draw"
    | "giveBack";
  /** Milliseconds before it. */
  readonly pause: number;
  /** Of what there is, which. */
  readonly pick: number;
  readonly size: Cost;
  /** How much of it is used. */
  readonly share: number;
  /** 0: no target was asked. */
  readonly models: number;
  /** Milliseconds until the deadline. */
  readonly lasts: number;
  /** What is written goes through JSON. */
  readonly json: boolean;
  asks(id: string, rules: readonly LimitRule[], deadline: number): Admission;
};

export type Script = {
  readonly rules: readonly LimitRule[];
  /** Nothing uses more than is held for it. */
  readonly honest: boolean;
  readonly steps: readonly Step[];
};

const per = fc.constantFrom("minute", "hour", "day", "month" as const);
const short = fc.constantFrom("minute", "hour", "day" as const);
const scale = fc.constantFrom(1, 1, 20);

/** A way of counting, a unit and a maximum that a few requests or some hundred fill. */
const rule = fc
  .tuple(
    fc.constantFrom("bucket", "sliding", "leaky", "calendar", "calendar", "slots" as const),
    fc.constantFrom("requests", "tokens", "usd" as const),
    per,
    short,
    fc.record({
      least: fc.integer({ min: 1, max: 30 }),
      scale,
      burst: fc.integer({ min: 1, max: 4 }),
      wait: fc.constantFrom(0, 1_000, 30_000),
      zone: fc.constantFrom("UTC", "Asia/Kolkata"),
      models: fc.constantFrom(undefined, undefined, undefined, ["a"], ["b"], ["a", "b"]),
      mode: fc.constantFrom("on", "on", "on", "on", "shadow" as const),
      level: fc.constantFrom("key", "team", "org" as const),
    }),
  )
  .map(([kind, unit, long, brief, more]): Partial<LimitRule> => {
    const amount = { requests: 1, tokens: 40, usd: 100 }[unit];
    const max = more.least * more.scale * (kind === "slots" ? 1 : amount);
    return {
      kind,
      unit: kind === "slots" ? "concurrent" : unit,
      per: kind === "slots" ? undefined : kind === "calendar" ? long : brief,
      max,
      burst: Math.max(1, Math.floor(max / more.burst)),
      maxWaitMs: more.wait,
      timezone: kind === "calendar" ? more.zone : "UTC",
      models: more.models,
      mode: more.mode,
      level: more.level,
    };
  });

/** Of rules that are for a block some have none of what rules one out. */
const rules = fc
  .tuple(fc.array(rule, { minLength: 1, maxLength: 5 }), fc.boolean())
  .map(([all, wide]) =>
    all
      .filter(({ kind }) => !wide || kind !== "leaky")
      .map((said, at) => {
        const { max = 1, burst = 1 } = said;
        const roomy: Partial<LimitRule> = { max: 60 * max, burst: 60 * burst, models: undefined };
        return ruleOf({ ...said, ...(wide ? { ...roomy, mode: "on" } : {}), id: `rule${at}` });
      }),
  );

const size: fc.Arbitrary<Cost> = fc.record({
  requests: fc.constantFrom(1, 1, 1, 1, 0),
  tokens: fc.oneof(fc.nat({ max: 100 }), fc.nat({ max: 600 })),
  nanoUsd: fc.oneof(fc.nat({ max: 200 }), fc.nat({ max: 1_500 })),
  slots: fc.constantFrom(1, 1, 1, 0),
});

const pause = fc.oneof(
  { weight: 5, arbitrary: fc.constant(0) },
  { weight: 4, arbitrary: fc.nat({ max: 800 }) },
  { weight: 2, arbitrary: fc.nat({ max: 20_000 }) },
  { weight: 1, arbitrary: fc.nat({ max: 130_000 }) },
  { weight: 1, arbitrary: fc.constantFrom(3_600_000, 40_000_000, 86_400_000, 2_000_000_000) },
);

/** One option or two, alike or not, and a way for the last half of a budget now and then. */
const asking = fc
  .tuple(size, size, fc.nat({ max: 7 }), fc.nat({ max: 5 }))
  .map(([first, second, shape, cut]): Step["asks"] => {
    const option = (model: string, cost: Cost) => {
      const floor = { tokens: cost.tokens >> cut, nanoUsd: cost.nanoUsd >> cut };
      return { model, cost, floor };
    };
    const other = option("b", shape % 2 === 0 ? first : second);
    const plain: Way = { from: 0, options: [option("a", first), ...(shape > 3 ? [other] : [])] };
    const cheap: Way = { from: 0.5, options: [other] };
    const ways: Admission["ways"] = shape === 7 ? [plain, cheap] : [plain];
    return (id, all, deadline) => ({ id, rules: all, ways, deadline });
  });

const step: fc.Arbitrary<Step> = fc
  .record({
    does: fc.constantFrom(...DOES) as fc.Arbitrary<Step["does"]>,
    pause,
    pick: fc.nat({ max: 1_000 }),
    size,
    share: fc.constantFrom(0, 0.3, 0.7, 1),
    models: fc.nat({ max: 3 }),
    lasts: fc.constantFrom(0, 1_000, 60_000, 600_000),
    json: fc.boolean(),
    asks: asking,
  })
  // A block lives for two seconds.
  .map((one) => (one.does === "draw" ? { ...one, pause: one.pause % 100 } : one));

export const script: fc.Arbitrary<Script> = fc.record({
  rules,
  honest: fc.boolean(),
  steps: fc.array(step, { minLength: 1, maxLength: 200, size: "max" }),
});
