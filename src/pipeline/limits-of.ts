/**
 * Decides: which limits hold for a request: those of all policies above it, worked out once for requests of a key
 * that differ in nothing that a limit counts by.
 * Never: outlives the record of the key, or the version of the configuration.
 */
import type { Snapshot } from "../domain/config/snapshot.ts";
import type { LimitRule } from "../domain/limit.ts";
import type { Caller } from "../domain/tenant.ts";
import { rulesFor } from "../policy/limits/rules-for.ts";
import type { Run } from "./run.ts";

type Limits = readonly LimitRule[];

const madeFor = (snapshot: Snapshot, { ask, stream }: Run): Limits => {
  const { caller, controls, endpoint } = ask;
  const levels = [{ place: "config", policy: snapshot.policy } as const, ...caller.levels];
  const { org, team, user, lineage: key } = caller;
  const subject = { org, team, user, key, tags: controls.tags, endUser: controls.user };
  return rulesFor(levels, subject, { endpoint, stream });
};

/** Of the configuration that was last met with the key, by what is asked. */
type Known = { readonly of: Snapshot; readonly limits: Map<string, Limits> };
const known = new WeakMap<Caller, Known>();

/** Neither an end user nor a tag of the request itself: those are as many as callers like. */
const isKeysOwn = ({ caller, controls }: Run["ask"]): boolean =>
  controls.user === undefined &&
  Object.keys(controls.tags).length === Object.keys(caller.tags).length;

/** The very same list for a key's next request that differs in nothing that a limit counts by. */
export const limitsOf = (snapshot: Snapshot, run: Run): Limits => {
  const { ask, stream } = run;
  if (!isKeysOwn(ask)) return madeFor(snapshot, run);
  let kept = known.get(ask.caller);
  if (kept?.of !== snapshot) {
    kept = { of: snapshot, limits: new Map() };
    known.set(ask.caller, kept);
  }
  const door = `${ask.endpoint} ${stream}`;
  const found = kept.limits.get(door) ?? madeFor(snapshot, run);
  kept.limits.set(door, found);
  return found;
};
