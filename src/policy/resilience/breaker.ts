/**
 * Decides: whether a target may be called (machines.md 6): closed, throttled, open, half-open, forced.
 * Never: reads a clock, stores or sends; the state is plain JSON and may be put away between any two steps.
 */
import type { Random } from "../../base/clock.ts";
import type { BreakerRules } from "../../domain/target.ts";
import type { BreakerState, CallResult, Lease, Phase } from "./breaker-state.ts";
import { cooldownMs, topLevel } from "./cooldown.ts";
import { EMPTY_WINDOW, recentTally, tallied } from "./window.ts";
import { averaged, averageOf } from "./window-average.ts";

export type BreakerEvent =
  | { readonly type: "look" }
  | { readonly type: "result"; readonly result: CallResult }
  /** Somebody asks to be the one probe; `leaseMs` without a word and it counts as lost. */
  | { readonly type: "probe"; readonly leaseMs: number }
  /** The probe is still under way. */
  | { readonly type: "renew"; readonly epoch: number; readonly leaseMs: number }
  | { readonly type: "force"; readonly to: "closed" | "isolated" | "auto" };

/** `output`: the lease that `probe` or `renew` was given. */
export type BreakerStep = { readonly state: BreakerState; readonly output: Lease | undefined };

const CLOSED: Phase = { name: "closed" };
/** One success may be luck. */
const SUCCESSES_TO_CLOSE = 2;
const MOST_LOST = 3;
/** Up to this long after a lost probe nobody probes, so that its successors do not queue for it. */
const LOST_JITTER_MS = 1_000;
/** A healthy stretch of this length takes one opening off the level. */
const WEAR_MS = 300_000;
const SLOW_MS = 10_000;
const SLOW_FACTOR = 5;

/** Whether a first token was slow: against the clock, and against what is usual here. */
export const isSlow = ({ firstToken }: BreakerState, firstTokenMs: number): boolean =>
  firstTokenMs > Math.max(SLOW_MS, SLOW_FACTOR * (averageOf(firstToken) ?? 0));

export const breakerStep = (
  before: BreakerState,
  event: BreakerEvent,
  time: number,
  random: Random,
  rules: BreakerRules,
): BreakerStep => {
  const now = Math.max(time, before.at);
  const state = elapsed(before, now, random, rules);
  switch (event.type) {
    case "look":
      return { state, output: undefined };
    case "result":
      return { state: withResult(state, event.result, now, random, rules), output: undefined };
    case "probe":
      return probed(state, event.leaseMs, now);
    case "renew":
      return renewed(state, event.epoch, now + event.leaseMs);
    case "force":
      return { state: forced(state, event.to, now), output: undefined };
  }
};

/** Down for a cooldown, and no shorter than the provider asked for. */
const opened = (
  state: BreakerState,
  times: number,
  askedUntil: number,
  random: Random,
  rules: BreakerRules,
): BreakerState => {
  const now = state.at;
  const level = Math.min(times, topLevel(rules));
  const cooldown = cooldownMs(level, rules, random);
  const asked = (askedUntil - now) * (1 + 0.2 * random());
  const phase: Phase = { name: "open", until: now + Math.max(cooldown, asked) };
  return { ...state, phase, level, run: 0, recoveredAt: null };
};

/** What the passing of time alone does. */
const elapsed = (
  before: BreakerState,
  now: number,
  random: Random,
  rules: BreakerRules,
): BreakerState => {
  const state = { ...before, at: now };
  const { phase, level } = state;
  switch (phase.name) {
    case "throttled":
      return now < phase.until ? state : elapsed({ ...state, phase: CLOSED }, now, random, rules);
    case "open": {
      if (now < phase.until) return state;
      const waiting = { successes: 0, lost: 0, lease: null, notBefore: now };
      return { ...state, phase: { name: "half_open", ...waiting } };
    }
    case "half_open": {
      if (phase.lease === null || now < phase.lease.expires) return state;
      const lost = phase.lost + 1;
      if (lost >= MOST_LOST) return opened(state, level, 0, random, rules);
      const notBefore = phase.lease.expires + LOST_JITTER_MS * random();
      return { ...state, phase: { ...phase, lost, lease: null, notBefore } };
    }
    case "closed": {
      const worn = level === 0 ? 0 : Math.floor((now - state.wornAt) / WEAR_MS);
      if (worn === 0) return state;
      const wornAt = state.wornAt + worn * WEAR_MS;
      return { ...state, level: Math.max(0, level - worn), wornAt };
    }
    default:
      return state;
  }
};

const withResult = (
  before: BreakerState,
  result: CallResult,
  now: number,
  random: Random,
  rules: BreakerRules,
): BreakerState => {
  if (result.probe) return probeAnswered(before, result, now, random, rules);
  // Began before the last recovery: what it met is gone.
  if (result.epoch !== null && result.epoch < before.epoch) return before;
  const state = observed(before, result, now);
  const { phase } = state;
  const until = result.until ?? 0;
  switch (phase.name) {
    case "closed":
    case "throttled": {
      const throttled = phase.name === "throttled" ? phase.until : 0;
      if (isFailing(state, now, rules)) {
        const askedUntil = Math.max(until, throttled);
        return opened(state, state.level + 1, askedUntil, random, rules);
      }
      if (result.kind !== "throttle" || until <= Math.max(now, throttled)) return state;
      return { ...state, phase: { name: "throttled", until } };
    }
    case "open":
      if (result.kind !== "throttle" || until <= phase.until) return state;
      return { ...state, phase: { ...phase, until } };
    default:
      return state;
  }
};

/** The counts with a result in them. A throttled call is no failure, and an ignored one is nothing. */
const observed = (state: BreakerState, result: CallResult, now: number): BreakerState => {
  const { kind, count, slow } = result;
  if (kind === "ignore" || kind === "throttle") return state;
  const ok = kind === "ok";
  return {
    ...state,
    window: tallied(state.window, now, { ok: ok ? count : 0, fail: ok ? 0 : count, slow }),
    run: ok ? 0 : state.run + count,
    firstToken: averaged(state.firstToken, now, result.firstToken),
    total: averaged(state.total, now, result.total),
    seenAt: now,
  };
};

const isFailing = (state: BreakerState, now: number, rules: BreakerRules): boolean => {
  if (!rules.enabled) return false;
  if (state.run >= rules.consecutive) return true;
  const { ok, fail, slow } = recentTally(state.window, now);
  const volume = ok + fail;
  if (volume < rules.volume) return false;
  return fail >= rules.failure_rate * volume || slow >= rules.slow_rate * volume;
};

const probed = (state: BreakerState, leaseMs: number, now: number): BreakerStep => {
  const { phase } = state;
  if (phase.name !== "half_open" || phase.lease !== null || now < phase.notBefore) {
    return { state, output: undefined };
  }
  const epoch = state.epoch + 1;
  const lease = { epoch, expires: now + leaseMs };
  return { state: { ...state, epoch, phase: { ...phase, lease } }, output: lease };
};

const renewed = (state: BreakerState, epoch: number, expires: number): BreakerStep => {
  const { phase } = state;
  if (phase.name !== "half_open" || phase.lease?.epoch !== epoch) {
    return { state, output: undefined };
  }
  const lease = { epoch, expires: Math.max(expires, phase.lease.expires) };
  return { state: { ...state, phase: { ...phase, lease } }, output: lease };
};

const probeAnswered = (
  state: BreakerState,
  result: CallResult,
  now: number,
  random: Random,
  rules: BreakerRules,
): BreakerState => {
  const { phase, level } = state;
  if (phase.name !== "half_open" || phase.lease?.epoch !== result.epoch) return state;
  const seen = observed(state, result, now);
  switch (result.kind) {
    case "fail":
    case "timeout":
      return opened(seen, level + 1, result.until ?? 0, random, rules);
    case "throttle":
      return opened(seen, level, result.until ?? 0, random, rules);
    case "ignore":
      // A caller's own fault or a caller who left: nothing was learned, the next one may ask.
      return { ...seen, phase: { ...phase, lease: null, notBefore: now } };
    case "ok": {
      const successes = phase.successes + 1;
      if (successes < SUCCESSES_TO_CLOSE) {
        return { ...seen, phase: { ...phase, successes, lease: null, notBefore: now } };
      }
      const fresh = { window: EMPTY_WINDOW, recoveredAt: now, wornAt: now };
      return { ...seen, ...fresh, phase: CLOSED };
    }
  }
};

/** `auto` hands a forced breaker back as new; on one that nobody forced it changes nothing. */
const forced = (
  state: BreakerState,
  to: "closed" | "isolated" | "auto",
  now: number,
): BreakerState => {
  const isForced = state.phase.name === "isolated" || state.phase.name === "forced_closed";
  if (to === "auto" && !isForced) return state;
  const phase: Phase =
    to === "auto" ? CLOSED : { name: to === "closed" ? "forced_closed" : "isolated" };
  return {
    ...state,
    phase,
    window: EMPTY_WINDOW,
    run: 0,
    level: 0,
    wornAt: now,
    recoveredAt: null,
  };
};
