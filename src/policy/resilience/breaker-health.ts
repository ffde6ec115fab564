/**
 * Decides: how a breaker's state is told to routing, to operators, and to a caller who has to wait.
 * Never: changes the state; a deadline that has passed is told as it stands.
 */
import type { HealthState } from "../routing/health.ts";
import type { BreakerState } from "./breaker-state.ts";

const RAMP_MS = 30_000;
const RAMP_FROM = 0.1;

export const healthStateOf = ({ phase }: BreakerState): HealthState =>
  phase.name === "forced_closed" ? "closed" : phase.name;

/** Milliseconds since the epoch; undefined where no time ends the state. */
export const untilOf = ({ phase }: BreakerState): number | undefined =>
  phase.name === "open" || phase.name === "throttled" ? phase.until : undefined;

/** From a tenth to the whole within thirty seconds after a recovery. */
export const rampOf = ({ recoveredAt }: BreakerState, now: number): number =>
  recoveredAt === null
    ? 1
    : Math.min(1, RAMP_FROM + (1 - RAMP_FROM) * Math.max(0, (now - recoveredAt) / RAMP_MS));
