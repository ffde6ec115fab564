/**
 * Decides: what routing is told about a target's health; the breaker fills it in.
 * Never: decides when a breaker opens or closes; that is policy/resilience.
 */
export type HealthState = "closed" | "open" | "half_open" | "throttled" | "isolated";

export type TargetHealth = {
  readonly state: HealthState;
  /** Milliseconds since the epoch until which the state lasts; undefined where nothing ends it by time. */
  readonly until: number | undefined;
  /** 0..1: the share of its traffic that a target may take while it recovers; 1 when it is well. */
  readonly ramp: number;
  /** Moving averages in milliseconds; undefined before the first sample. */
  readonly firstTokenMs: number | undefined;
  readonly totalMs: number | undefined;
  /** Milliseconds within which half, and all but a twentieth, of the last hour's first tokens came. */
  readonly firstTokenP50?: number;
  readonly firstTokenP95?: number;
  /** Calls under way, as far as the snapshot knows. */
  readonly inFlight: number;
  /** Milliseconds since the epoch of the last result. */
  readonly lastSeenAt: number | undefined;
  /** Failures within the breaker's window. */
  readonly recentFailures: number;
  /** 0..1: what is left of the provider's quota; undefined where none is configured. */
  readonly quotaLeft?: number;
};

/** By the configured model's name; undefined for a model that nobody has called yet. */
export type HealthView = (model: string) => TargetHealth | undefined;
