/**
 * Decides: the facts of one request that every later view (log line, ledger row, span) is made of.
 * Never: holds message contents, keys or secrets.
 */
import type { Endpoint } from "./endpoint.ts";
import type { ErrorCode } from "./error.ts";
import type { CanaryArm, LedgerRow, ShadowDecision } from "./ledger-row.ts";
import type { Usage } from "./usage.ts";

/** Filled in by the stages as the request goes along; nobody reads it before the end. */
export type RequestRecord = {
  readonly request_id: string;
  client_request_id: string | undefined;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly endpoint: Endpoint;
  org: string | undefined;
  team: string | undefined;
  user: string | undefined;
  key: string | undefined;
  tags: Readonly<Record<string, string>>;
  requested_model: string | undefined;
  model: string | undefined;
  upstream_model: string | undefined;
  provider: string | undefined;
  route: string;
  canary: CanaryArm | undefined;
  status: number;
  error_code: ErrorCode | undefined;
  stream: boolean;
  usage: Usage | undefined;
  /** Whether `usage` is our own count and not the provider's. */
  estimated: boolean;
  /** Nano-USD; undefined where the price is unknown. */
  cost_nano_usd: number | undefined;
  /** Milliseconds from arrival: to the end, and to the first content. */
  latency_ms: number | undefined;
  first_token_ms: number | undefined;
  attempts: number;
  fallback_from: string | undefined;
  /** What was decided in shadow mode and not done. */
  shadow: readonly ShadowDecision[];
  cache: LedgerRow["cache"];
  config_version: number | undefined;
};
