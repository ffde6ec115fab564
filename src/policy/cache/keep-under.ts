/**
 * Decides: under which names an answer is kept: its own model's, and the asked one's as far as that is true.
 * Never: lets a stand-in's answer outlive the outage that it stood in for.
 */
import type { Lifetime } from "./freshness.ts";

export type Served = {
  /** The model or route that the caller asked for. */
  readonly asked: string;
  /** The model that answered. */
  readonly gave: string;
  /** Whether another one should have answered and could not. */
  readonly fallback: boolean;
  /** Milliseconds since the epoch until which the asked one is known to be unhealthy; undefined: it is healthy. */
  readonly unhealthyUntil: number | undefined;
};

export type Place = {
  readonly model: string;
  readonly expiresAt: number;
  readonly standIn: boolean;
};

/** `now` and `expiresAt`: milliseconds since the epoch. */
export const placesFor = (
  served: Served,
  { expiresAt }: Lifetime,
  now: number,
): readonly Place[] => {
  const { asked, gave, fallback, unhealthyUntil } = served;
  const own: Place = { model: gave, expiresAt, standIn: false };
  if (asked === gave) return [own];
  // A route answers with whichever of its models it chooses: that is no stand-in.
  if (!fallback) return [own, { model: asked, expiresAt, standIn: false }];
  const until = Math.min(expiresAt, unhealthyUntil ?? now);
  return until <= now ? [own] : [own, { model: asked, expiresAt: until, standIn: true }];
};

/** Whether an entry found under the asked name may be given: a stand-in only while it is needed. */
export const stillNeeded = (standIn: boolean, askedIsHealthy: boolean): boolean =>
  !(standIn && askedIsHealthy);
