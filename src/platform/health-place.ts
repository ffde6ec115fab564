/**
 * Decides: what is kept in an isolate for each target it has called, and whether the breaker stands open.
 * Never: asks the object for leave; that is health-probe.ts and health-quota.ts.
 */
import type { Target } from "../domain/target.ts";
import { healthStateOf, rampOf, untilOf } from "../policy/resilience/breaker-health.ts";
import type { Amount } from "../policy/resilience/quota.ts";
import { recentTally } from "../policy/resilience/window.ts";
import { averageOf } from "../policy/resilience/window-average.ts";
import type { TargetHealth } from "../policy/routing/health.ts";
import type { Pass } from "../ports.ts";
import type { Mirror } from "./health-mirror.ts";
import type { QuotaGate, Took } from "./health-quota.ts";
import type { Snapshot } from "./objects/target-calls.ts";

/** What was known of a call when it was let in. */
export type UnderWay = {
  /** Milliseconds since the epoch: by then it has ended, whatever becomes of it. */
  readonly until: number;
  readonly org: string;
  readonly need: Amount;
  /** Undefined where the target has no quota. */
  readonly took: Took | undefined;
  /** A repeat, a fallback or a hedge. */
  readonly repeat: boolean;
  /** The probe's; else the breaker's when the call began, null where that was not known. */
  readonly epoch: number | null;
  /** Whether the object knows of it, where it is a probe. */
  readonly shared: boolean;
  /** Ends what goes on beside the call. */
  readonly stop: () => void;
};

export type Place = {
  readonly mirror: Mirror;
  readonly quota: QuotaGate;
  readonly underWay: Map<Pass, UnderWay>;
  /** Milliseconds since the epoch of the last call from here. */
  usedAt: number;
  /** Milliseconds since the epoch until which somebody here is asking to be the probe; 0: nobody is. */
  askingUntil: number;
};

/** Forgets calls that nobody can be waiting for any more: their request was ended from outside. */
export const countUnderWay = (underWay: Place["underWay"], now: number): number => {
  for (const [pass, { until }] of underWay) if (until < now) underWay.delete(pass);
  return underWay.size;
};

/** `probe`: it may be called by whoever gets the lease. */
export const gateOf = (
  { mirror, askingUntil }: Place,
  { breaker: { enabled } }: Target,
  now: number,
): "free" | "probe" | "shut" => {
  const { phase } = mirror.state().breaker;
  // An operator's word holds also where the breaker is switched off.
  if (phase.name === "isolated") return "shut";
  if (!enabled || phase.name === "closed" || phase.name === "forced_closed") return "free";
  if (phase.name !== "half_open" || now < askingUntil) return "shut";
  return phase.lease === null && now >= phase.notBefore ? "probe" : "shut";
};

/** Of each of the provider's quotas, 0..1. A word that it is used up is over when the quota is free again. */
const shareLeft = (
  snapshot: Snapshot | undefined,
  fullUntil: number | undefined,
  now: number,
): readonly number[] => {
  if (fullUntil !== undefined) return [0];
  const { quota = [], quotaFreeAt } = snapshot ?? {};
  if (quotaFreeAt !== undefined && now >= quotaFreeAt) return [];
  return quota.map(({ remaining, max }) => remaining / max);
};

/** `now`: milliseconds since the epoch. */
export const viewOf = ({ mirror, quota, underWay }: Place, now: number): TargetHealth => {
  const { breaker } = mirror.state();
  const snapshot = mirror.snapshot();
  const { firstTokenP50, firstTokenP95, quotaFreeAt } = snapshot ?? {};
  const fullUntil = quota.fullUntil();
  const left = shareLeft(snapshot, fullUntil, now);
  return {
    state: healthStateOf(breaker),
    until: untilOf(breaker) ?? fullUntil ?? quotaFreeAt,
    ramp: rampOf(breaker, now),
    firstTokenMs: averageOf(breaker.firstToken),
    totalMs: averageOf(breaker.total),
    ...(firstTokenP50 !== undefined && { firstTokenP50 }),
    ...(firstTokenP95 !== undefined && { firstTokenP95 }),
    inFlight: underWay.size + (snapshot?.inFlightElsewhere ?? 0),
    lastSeenAt: breaker.seenAt ?? undefined,
    recentFailures: recentTally(breaker.window, now).fail,
    ...(left.length > 0 && { quotaLeft: Math.min(...left) }),
  };
};

/** Whether anything but the best is believed of it, so that a fresher word could change the plan. */
export const isWell = ({ state, until, ramp, quotaLeft }: TargetHealth): boolean =>
  state === "closed" && until === undefined && ramp >= 1 && quotaLeft !== 0;
