/**
 * Decides: whether a target may be asked at this moment, from what its breaker last said.
 * Never: leases a probe; who asks a half-open target gets leave when it is called.
 */
import type { TargetHealth } from "./health.ts";

export type Standing = "up" | "probing" | "down";

/** The breaker's own change from open comes with the next call: a deadline that has passed counts as passed. */
export const standingOf = (health: TargetHealth | undefined, now: number): Standing => {
  if (health === undefined) return "up";
  if (health.quotaLeft !== undefined && health.quotaLeft <= 0) return "down";
  const over = health.until !== undefined && now >= health.until;
  switch (health.state) {
    case "closed":
      return "up";
    case "half_open":
      return "probing";
    case "throttled":
      return over ? "up" : "down";
    case "open":
      return over ? "probing" : "down";
    case "isolated":
      return "down";
  }
};
