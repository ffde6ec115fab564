/**
 * Decides: who may run a request that carries an Idempotency-Key, and what everybody else with the same key
 * is told: wait, here is the answer, or nobody knows. (machines.md section 7)
 * Never: lets a second run begin once a first one may have asked a provider, unless that was chosen.
 */
import type { ErrorCode } from "../../domain/error.ts";

/** Milliseconds. How long a run may be silent before it counts as dead: two renewals may be lost. */
export const LOCK_MS = 60_000;
export const RENEW_MS = 20_000;
/** Milliseconds that a reply is kept from its completion, and that doubt is remembered. */
export const KEEP_MS = 24 * 3_600_000;

export type Conflict = Extract<
  ErrorCode,
  | "idempotency_in_progress"
  | "idempotency_key_reused"
  | "idempotency_outcome_unknown"
  | "idempotency_not_replayable"
>;

export type OnceRecord = {
  /**
   * `locked`: a run has begun and has asked nobody. `dispatched`: it may have asked a provider. `unknown`: it
   * then fell silent. `done`: its reply is kept. `done_large`: it ended well with more than is kept.
   */
  readonly phase: "locked" | "dispatched" | "unknown" | "done" | "done_large";
  /** Of the request: the same key with another one is a mistake of the caller's. */
  readonly fingerprint: string;
  /** The run's own random name: asking again after a lost answer is told the same. */
  readonly owner: string;
  /** Rises with every run that was let go; whoever writes with a lower one has been replaced. */
  readonly fence: number;
  /** Milliseconds since the epoch: the lock's end, then the end of what is remembered. */
  readonly until: number;
};
export type OnceState = OnceRecord | { readonly phase: "none" };

export type OnceEvent =
  | {
      readonly type: "begin";
      readonly fingerprint: string;
      readonly owner: string;
      /** Higher than any that was ever given out, for this key or another. */
      readonly fence: number;
    }
  | { readonly type: "dispatched" | "renew" | "free"; readonly fence: number }
  | { readonly type: "done"; readonly fence: number; readonly large: boolean };

/** `go`: run, and write with this fence. `stale`: nothing was written, the run is not the writer's any more. */
export type OnceOutput =
  | { readonly is: "go"; readonly fence: number }
  | { readonly is: "replay" }
  | { readonly is: "refused"; readonly code: Conflict }
  | { readonly is: "ok" }
  | { readonly is: "stale" };

export type OnceStep = { readonly state: OnceState; readonly output: OnceOutput };

export type OnceRules = {
  /** Whether a run whose outcome nobody knows may be made again: then it may have happened twice. */
  readonly atLeastOnce: boolean;
};
const AT_MOST_ONCE: OnceRules = { atLeastOnce: false };

export const NO_RECORD: OnceState = { phase: "none" };

/** The state as time alone has made it: a dead run that asked nobody was never there. */
export const aged = (state: OnceState, now: number): OnceState => {
  if (state.phase === "none" || now < state.until) return state;
  if (state.phase !== "dispatched") return NO_RECORD;
  return aged({ ...state, phase: "unknown", until: state.until + KEEP_MS }, now);
};

export const onceStep = (
  before: OnceState,
  event: OnceEvent,
  now: number,
  rules: OnceRules = AT_MOST_ONCE,
): OnceStep => {
  const state = aged(before, now);
  if (event.type === "begin") return begin(before, state, event, now, rules);
  if (state.phase === "none" || state.fence !== event.fence) return stale(before);
  switch (event.type) {
    case "dispatched":
      return state.phase === "locked" || state.phase === "dispatched"
        ? written({ ...state, phase: "dispatched", until: now + LOCK_MS })
        : stale(before);
    case "renew":
      return renew(before, state, now);
    case "free":
      return isOver(state) ? stale(before) : written(NO_RECORD);
    case "done":
      // Repeated after a lost answer it changes nothing, not even how long the reply is kept.
      return isOver(state)
        ? { state: before, output: { is: "ok" } }
        : written({ ...state, phase: event.large ? "done_large" : "done", until: now + KEEP_MS });
  }
};

const written = (state: OnceState): OnceStep => ({ state, output: { is: "ok" } });
const stale = (state: OnceState): OnceStep => ({ state, output: { is: "stale" } });
const isOver = ({ phase }: OnceRecord): boolean => phase === "done" || phase === "done_large";

/** A run that had only been out of touch is heard of again, as long as nobody has taken its place. */
const renew = (before: OnceState, state: OnceRecord, now: number): OnceStep => {
  if (isOver(state)) return stale(before);
  const phase = state.phase === "unknown" ? "dispatched" : state.phase;
  return written({ ...state, phase, until: now + LOCK_MS });
};

const begin = (
  before: OnceState,
  state: OnceState,
  { fingerprint, owner, fence }: Extract<OnceEvent, { type: "begin" }>,
  now: number,
  { atLeastOnce }: OnceRules,
): OnceStep => {
  const refused = (code: Conflict): OnceStep => ({
    state: before,
    output: { is: "refused", code },
  });
  const go = (run: number): OnceStep => ({
    state: { phase: "locked", fingerprint, owner, fence: run, until: now + LOCK_MS },
    output: { is: "go", fence: run },
  });
  if (state.phase === "none") return go(fence);
  if (state.fingerprint !== fingerprint) return refused("idempotency_key_reused");
  switch (state.phase) {
    case "locked":
      return state.owner === owner ? go(state.fence) : refused("idempotency_in_progress");
    case "dispatched":
      return refused("idempotency_in_progress");
    case "unknown":
      return atLeastOnce ? go(fence) : refused("idempotency_outcome_unknown");
    case "done":
      return { state: before, output: { is: "replay" } };
    case "done_large":
      return refused("idempotency_not_replayable");
  }
};
