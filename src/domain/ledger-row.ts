/**
 * Decides: what is kept of a request for good: one row, from which every report is made.
 * Never: holds a word of a prompt or an answer, or a secret.
 */
import type { Endpoint } from "./endpoint.ts";

export type ShadowDecision = { readonly section: string; readonly decision: string };

/** The canary that a request was in, and on which side. */
export type CanaryArm = { readonly id: string; readonly arm: "baseline" | "candidate" };

/** Whole tokens, nano-USD, milliseconds. Null is "not known", zero is zero. */
export type LedgerRow = {
  readonly request_id: string;
  /** Rises when what is known of the request changes; the highest one counts. */
  readonly version: number;
  readonly client_request_id: string | null;
  /** Milliseconds since the epoch, of the request's arrival. */
  readonly at: number;
  readonly endpoint: Endpoint;
  readonly org: string;
  readonly team: string | null;
  readonly user: string | null;
  readonly key: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly requested_model: string | null;
  readonly model: string | null;
  readonly upstream_model: string | null;
  readonly provider: string | null;
  readonly route: string;
  readonly canary: CanaryArm | null;
  readonly status: number;
  readonly error_code: string | null;
  readonly stream: boolean;
  /** All that was read and is paid for, cached and newly cached input included, of all attempts. */
  readonly input_tokens: number | null;
  readonly cached_input_tokens: number | null;
  readonly cache_write_tokens: number | null;
  readonly output_tokens: number | null;
  readonly reasoning_tokens: number | null;
  /** The part of `input_tokens` + `output_tokens` that belongs to attempts which did not serve. */
  readonly lost_tokens: number;
  /** What the caller was given of the output. */
  readonly delivered_tokens: number | null;
  readonly cost_nano_usd: number | null;
  /** The count or the cost is ours and not the provider's. */
  readonly estimated: boolean;
  readonly latency_ms: number | null;
  readonly first_token_ms: number | null;
  /** The part of the latency that was ours. */
  readonly gateway_ms: number | null;
  readonly cache: "hit" | "semantic" | "miss" | "bypass" | "off";
  readonly similarity: number | null;
  /** What the answer would have cost without the cache. */
  readonly saved_nano_usd: number;
  readonly attempts: number;
  readonly fallback_from: string | null;
  readonly recovered: {
    readonly from: string;
    readonly to: string;
    readonly at_chars: number;
  } | null;
  readonly shadow: readonly ShadowDecision[];
  readonly prompt_hash: string | null;
  readonly message_count: number | null;
  readonly config_version: number | null;
  readonly price_version: string | null;
};

/** Requests that were refused, of one kind in one hour. They have no rows and cost nothing. */
export type DenialTally = {
  /** Milliseconds since the epoch, of the hour's beginning. */
  readonly hour: number;
  /** Null where no key told whose they were. */
  readonly org: string | null;
  readonly status: number;
  readonly code: string;
  /** The limit that refused: level, unit and period, as `team/usd/month`; empty where none did. */
  readonly rule: string;
  readonly count: number;
};
