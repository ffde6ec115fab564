/**
 * Decides: which requests for a baseline go to its candidate.
 * Never: moves somebody out of the candidate when the percentage is raised: who stands below 10 % stands
 * below 20 %.
 */
import type { Random } from "../../base/clock.ts";
import type { Canary } from "../../domain/config/schema.ts";
import type { CanaryArm } from "../../domain/ledger-row.ts";
import { shareOf } from "./stable-hash.ts";

/** By what a canary can be sticky. */
export type Identity = {
  readonly user: string | undefined;
  readonly session: string | undefined;
  readonly key: string;
};

/** Unsaid, and where a request lacks what the canary is sticky by, each request is drawn by itself. */
const placeOf = (canary: Canary, identity: Identity, random: Random): number => {
  const { sticky = "none" } = canary;
  const value = sticky === "none" ? undefined : identity[sticky];
  return value === undefined ? random() : shareOf(canary.id, value);
};

export const armOf = (canary: Canary, identity: Identity, random: Random): CanaryArm => ({
  id: canary.id,
  arm: placeOf(canary, identity, random) * 100 < canary.percent ? "candidate" : "baseline",
});

/**
 * Of several canaries on one baseline the first that takes the request has it; otherwise it is in the first
 * one's baseline.
 */
export const canaryFor = (
  canaries: readonly Canary[],
  identity: Identity,
  random: Random,
): { readonly canary: Canary; readonly arm: CanaryArm } | undefined => {
  const drawn = canaries.map((canary) => ({ canary, arm: armOf(canary, identity, random) }));
  return drawn.find(({ arm }) => arm.arm === "candidate") ?? drawn[0];
};
