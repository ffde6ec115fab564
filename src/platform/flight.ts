/**
 * Decides: what is known of one request that goes ahead for its equals, and what those in other isolates may have
 * of it.
 * Never: belongs to a request: it is plain data, and calls that wake.
 */
import type { Flier, FlightState, Following, Shown, TargetOf } from "../ports-cache.ts";
import type { FlightCalls } from "./objects/flight-calls.ts";

/** Milliseconds between two signs of life. */
export const BEAT_MS = 1_000;

export type Flight = {
  state: FlightState;
  shown: Shown | undefined;
  seenAt: number;
  /** When somebody last began to wait; those who follow do so every second at least. */
  followedAt: number;
  /** Wake those who wait. They resolve promises and nothing else: they are called by another request. */
  waiting: Set<() => void>;
  /** Set where others may follow from elsewhere; then whether anybody does, and whether it is told to them. */
  flier: Flier | undefined;
  isFollowedElsewhere: boolean;
  isCarried: boolean;
};

export const isEnd = (state: FlightState): boolean =>
  state === "found" || state === "over" || state === "lost";

export type SharedFlights = {
  /** A sign of life of this one; whoever of `all` is followed from elsewhere is marked. */
  sign(flight: Flight, all: Iterable<Flight>): Promise<void>;
  /** Tells what this one is given to those who follow it from elsewhere, to its end. */
  carry(flight: Flight): Promise<void>;
  join(flier: Flier, ahead: string, targetOf: TargetOf): Following;
  meet(flier: Flier, without: string | undefined): Promise<string | undefined>;
};

/** Asks an object; undefined: it did not answer. `waitMs`: for how long it was asked to wait. */
export type AskFlight = <T>(
  id: string,
  ask: (object: FlightCalls) => Promise<T>,
  waitMs?: number,
) => Promise<T | undefined>;
