/**
 * Decides: which limits a request falls under: those of its caller's levels, for the subject that it names.
 * Never: asks whether they have room.
 */
import type { Snapshot } from "../domain/config/snapshot.ts";
import type { LimitRule } from "../domain/limit.ts";
import { rulesFor } from "../policy/limits/rules-for.ts";
import type { Run } from "./run.ts";

export const limitsOf = (snapshot: Snapshot, { ask, stream }: Run): readonly LimitRule[] => {
  const { caller, controls, endpoint } = ask;
  const levels = [{ place: "config", policy: snapshot.policy } as const, ...caller.levels];
  const { org, team, user, lineage: key } = caller;
  const subject = { org, team, user, key, tags: controls.tags, endUser: controls.user };
  return rulesFor(levels, subject, { endpoint, stream });
};
