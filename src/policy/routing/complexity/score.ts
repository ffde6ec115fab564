/**
 * Decides: how hard a conversation is, which tier that means, and which signals said so.
 * Never: reads more of it than excerpts.ts hands out, and never changes its mind for the same body.
 */
import type { Capability, Tier } from "../../../domain/target.ts";
import type { Gist } from "../request/gist.ts";
import { excerptsOf } from "./excerpts.ts";
import { learnedOf } from "./learned.ts";
import { SIGNAL_WEIGHTS, type SignalName, type Signals, signalsOf } from "./signals.ts";

export type Verdict = {
  readonly tier: Tier;
  /** About 0 (small talk) to 1 (a long proof with conditions); can lie a little beyond. */
  readonly score: number;
  /** Names of the signals that weighed most, the heaviest first; at most four. */
  readonly reasons: readonly string[];
  /** What a model of the tier had best be able to do. */
  readonly prefers: readonly Capability[];
};

export type ComplexityRules = {
  readonly thresholds?: { readonly moderate: number; readonly complex: number };
  readonly signals?: Readonly<Record<string, number>>;
};

/** Between the hand-written vectors of simple and moderate tasks, and of moderate and complex ones. */
export const THRESHOLDS = { moderate: 0.2, complex: 0.5 } as const;

/** A contribution that changes the score by less says nothing that a reader would want to hear. */
const WORTH_SAYING = 0.04;
const MOST_REASONS = 4;
/** From here on a signal means that the task is of that kind. */
const OF_THAT_KIND = 0.5;

const tierOf = (
  score: number,
  { moderate, complex }: NonNullable<ComplexityRules["thresholds"]>,
) => (score >= complex ? "complex" : score >= moderate ? "moderate" : "simple");

const prefersOf = (signals: Signals, gist: Gist): readonly Capability[] => [
  ...(signals.code >= OF_THAT_KIND ? (["code"] as const) : []),
  ...(gist.images > 0 ? (["vision"] as const) : []),
];

/**
 * Pure and bounded. Names in `signals` that no signal has are without effect. `learned`: the fitted table;
 * handed in only by who judges another one.
 */
export const scoreOf = (
  gist: Gist,
  rules: ComplexityRules = {},
  learned: (question: string) => number = learnedOf,
): Verdict => {
  const excerpts = excerptsOf(gist);
  const signals = signalsOf(gist, excerpts, learned(excerpts[0]?.text ?? ""));
  const weights: Readonly<Record<string, number>> = { ...SIGNAL_WEIGHTS, ...rules.signals };
  const parts = (Object.entries(signals) as [SignalName, number][]).map(([name, strength]) => ({
    name,
    part: strength * (weights[name] ?? 0),
  }));
  const score = parts.reduce((sum, { part }) => sum + part, 0);
  const tier = tierOf(score, rules.thresholds ?? THRESHOLDS);
  // A simple verdict is explained by what spoke for it where something did; otherwise it was merely plain.
  const spoke = parts
    .filter(({ part }) => (tier === "simple" ? -part : part) >= WORTH_SAYING)
    .sort((a, b) => Math.abs(b.part) - Math.abs(a.part))
    .map(({ name }) => name)
    .slice(0, MOST_REASONS);
  return {
    tier,
    score,
    reasons: spoke.length > 0 ? spoke : ["plain"],
    prefers: prefersOf(signals, gist),
  };
};
