/**
 * Decides: which limits can hold for a key: those of every kind of request that it could make.
 * Never: counts a request; whoever looks takes nothing.
 */
import type { Snapshot } from "../domain/config/snapshot.ts";
import type { LimitRule } from "../domain/limit.ts";
import type { Caller } from "../domain/tenant.ts";
import { type RuledRequest, rulesFor } from "../policy/limits/rules-for.ts";

const REQUESTS: readonly RuledRequest[] = (["chat", "messages", "embeddings"] as const).flatMap(
  (endpoint) => [true, false].map((stream) => ({ endpoint, stream })),
);

/** Each rule once. */
export const ownLimits = (snapshot: Snapshot, caller: Caller): readonly LimitRule[] => {
  const { org, team, user, lineage: key, tags } = caller;
  const levels = [{ place: "config", policy: snapshot.policy } as const, ...caller.levels];
  const subject = { org, team, user, key, tags, endUser: undefined };
  const byId = new Map<string, LimitRule>();
  for (const request of REQUESTS) {
    for (const rule of rulesFor(levels, subject, request)) byId.set(rule.id, rule);
  }
  return [...byId.values()];
};
