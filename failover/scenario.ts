/**
 * Decides: what a scenario is, and what was seen when it was played.
 * Never: plays it; that is the lab.
 */
import type { Heard } from "./caller.ts";

/** Milliseconds; the scenarios are written once for the true timings and for short ones. */
export type Timing = {
  /** Between two tokens of the healthy answer. */
  readonly pace: number;
  readonly slowFirstToken: number;
  readonly stall: number;
  readonly silence: number;
  readonly outage: number;
  /** Between two requests in the outage. */
  readonly every: number;
};

export type Seen = {
  /** What the caller heard, request by request. */
  readonly heard: readonly Heard[];
  /** When each try reached the upstreams: milliseconds since the scenario began. */
  readonly primary: readonly number[];
  readonly fallback: readonly number[];
  /** The configured name of the fallback. */
  readonly fallbackName: string;
};

export type Scenario = {
  readonly id: string;
  readonly fault: string;
  /** What the primary does (test/support/upstream-conduct.ts). */
  readonly primary: (timing: Timing) => string;
  /** What the fallback does; healthy unless said. */
  readonly fallback?: string;
  /** Of the configured models, beside address and price. */
  readonly primaryModel?: object;
  readonly fallbackModel?: object;
  /** How often the caller asks; once unless said. */
  readonly requests?: number;
  /** Seconds in which one request must be over; not looked at with short timings. */
  readonly within?: number;
  /** The error that must be told instead of an answer. */
  readonly mustTell?: string;
  /** An error that must never be told. */
  readonly neverTell?: string;
  /** What the conduct fell short of, in words. */
  readonly shortfalls?: (seen: Seen, timing: Timing) => readonly (string | false)[];
};
