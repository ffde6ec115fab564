/**
 * Decides: the number that holds where the configuration says nothing. Each with its reason.
 * Never: is read by a schema as a filler: a document stays as it was written, `compile` fills in.
 */

/** Milliseconds. */
export const TIMEOUTS = {
  /** A provider that streams answers with headers within a second or two; ten is a dead one. */
  headers_ms: 10_000,
  /** Below the 14 seconds after which a caller who waits gives up, above the slowest healthy p99. */
  first_token_ms: 12_000,
  /** Longer than the pauses that providers make between events, shorter than a caller's patience. */
  idle_ms: 20_000,
  /** A whole answer of some thousand tokens takes this long where it does not stream. */
  response_ms: 120_000,
  /** What the official SDKs wait for, so that the gateway never gives up much later than they do. */
  total_ms: 600_000,
} as const;

/** Milliseconds. A reasoning model may think for a minute or two before its first visible token. */
export const REASONING_FIRST_TOKEN_MS = 120_000;

/** Two repeats catch a hiccup; more only keep a caller from the next target. */
export const MAX_RETRIES = 2;

export const BREAKER = {
  /** A dead provider has to cost the second caller nothing. */
  enabled: true,
  /** The fewest calls in its window that say anything about a rate. */
  volume: 20,
  failure_rate: 0.5,
  slow_rate: 0.8,
  /** Below `volume` a run of failures has to do: five in a row are no chance. */
  consecutive: 5,
  /** Milliseconds. Restarts and short throttles are over by then. */
  open_ms: 15_000,
  max_open_ms: 300_000,
} as const;

/** A second request costs money: it has to be asked for. */
export const HEDGE_ENABLED = false;

/** An answer that goes on is worth more than a live one that breaks off. */
export const RECOVERY = "continue";

export const LIMITS = {
  /** The share of a limit from which a warning is given. */
  soft: 0.8,
  /** Never over budget unless somebody chooses otherwise. */
  reserve: "strict",
  store_down: "closed",
  /** Not 429: the SDKs would try again, and a spent budget does not come back in seconds. */
  budget_status: 402,
} as const;

export const BUDGET_ROUTING = { alert: 0.8, hard: 0.95 } as const;

export const CACHE = {
  scope: "team",
  /** Only answers that would come out the same again. */
  when: "deterministic",
  /** Seconds. */
  ttl: 3_600,
} as const;

/** The embedding that is built in: no model may have its name where an embedder is named. */
export const EMBEDDED = "lexical";

export const SEMANTIC_CACHE = {
  embedder: EMBEDDED,
  index: "object",
  threshold: 0.95,
  verify: 0,
  max_entries: 10_000,
} as const;

/** Leaky bucket: whoever may not go at once is refused. Milliseconds. */
export const RULE_MAX_WAIT_MS = 0;

export const RULE_TIMEZONE = "UTC";

export const USAGE = {
  /**
   * How many sums one organisation has in an hour. End users and tags are the callers' own words: beyond
   * this a new one is counted under "*", so that no caller can fill the database.
   */
  most_sums: 5_000,
} as const;

/** Milliseconds. */
export const RETENTION = {
  /** Rows of requests in D1, which holds some seven million. The archive keeps them for good. */
  rows_ms: 14 * 86_400_000,
  /** Sums by the hour: this month can be compared with the same one a year ago. */
  sums_ms: 400 * 86_400_000,
  /** A row goes to the archive when it hardly changes any more: requests end within ten minutes. */
  settled_ms: 3_600_000,
  /** Rows in the organisation's object, for its own callers' questions; D1 has them within seconds. */
  object_rows_ms: 14 * 86_400_000,
  /** Counts of a rule that nobody has met: longer than the longest window. */
  object_rules_ms: 62 * 86_400_000,
} as const;

/** What the service promises itself; `/admin/v1/metrics` tells each figure beside its target. */
export const SLO = {
  /** At most. Admission asks an object near the callers: one round trip and little work. Milliseconds. */
  gateway_p99_ms: 50,
  /** At least. Below a tenth the cache hardly pays for its lookups. */
  cache_hit_rate: 0.1,
  /** At most. More means that a model that is asked for is often not there. */
  fallback_rate: 0.05,
  /** At most. More means that limits are too narrow or that somebody does not heed them. */
  rejection_rate: 0.05,
  /** At least: what providers promise for their own APIs, with fallbacks counted as they come. */
  model_success_rate: 0.99,
} as const;
