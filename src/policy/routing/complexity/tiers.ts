/**
 * Decides: the order of a complexity route's models once the tier is known.
 * Never: leaves a model out: another tier's model is a better answer than none.
 */
import type { Route } from "../../../domain/config/schema.ts";
import type { Tier } from "../../../domain/target.ts";
import type { Candidate } from "../candidate.ts";
import type { Verdict } from "./score.ts";

type Tiers = Extract<Route, { readonly strategy: "complexity" }>["tiers"];

/** Where to look when a tier has nobody left: first for something stronger, then for something weaker. */
const LOOK: Readonly<Record<Tier, readonly Tier[]>> = {
  simple: ["simple", "moderate", "complex"],
  moderate: ["moderate", "complex", "simple"],
  complex: ["complex", "moderate", "simple"],
};

/** Within a tier the configuration's order holds, those first that can do what the task is about. */
export const byTier = (
  tiers: Tiers,
  candidates: readonly Candidate[],
  { tier, prefers }: Verdict,
): readonly Candidate[] => {
  const ordered: Candidate[] = [];
  for (const look of LOOK[tier]) {
    const own = tiers[look].flatMap(
      (model) => candidates.find(({ target }) => target.model === model) ?? [],
    );
    const suits = ({ target }: Candidate): boolean =>
      prefers.every((capability) => target.capabilities.has(capability));
    for (const candidate of [...own.filter(suits), ...own]) {
      if (!ordered.includes(candidate)) ordered.push(candidate);
    }
  }
  return ordered;
};
