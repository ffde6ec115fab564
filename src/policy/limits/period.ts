/**
 * Decides: how long the stretches are that have one length everywhere.
 * Never: knows months, nor days that clocks make shorter or longer; those are civil-time.ts.
 */
import type { LimitRule } from "../../domain/limit.ts";

export const LENGTH_MS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;

/** Milliseconds. */
export const lengthOf = ({ id, per }: Pick<LimitRule, "id" | "per">): number => {
  // No configuration gets here with one: it is a bug, and a guess would admit too much or too little.
  if (per === undefined || per === "month") throw new Error(`no fixed length: ${per} in ${id}`);
  return LENGTH_MS[per];
};
