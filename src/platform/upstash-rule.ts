/**
 * Decides: whether a rule counts in Redis: a sliding window of requests or tokens that asks for it.
 * Never: loads what counts there; few deployments have it.
 */
import type { LimitRule } from "../domain/limit.ts";

export const isUpstashRule = ({ store, kind, unit, per }: LimitRule): boolean =>
  store === "upstash" &&
  kind === "sliding" &&
  (unit === "requests" || unit === "tokens") &&
  per !== undefined &&
  per !== "month";
