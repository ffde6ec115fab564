/**
 * Decides: every failure a caller can be told of, as one closed list: status, type, sentence, and
 * whether trying again helps.
 * Never: carries upstream text, a key, a table or a host name; `message` is always from this table.
 */
import { CALLER_ERRORS } from "./errors/caller.ts";
import { GATEWAY_ERRORS } from "./errors/gateway.ts";
import { LIMIT_ERRORS } from "./errors/limit.ts";
import type { Source } from "./errors/row.ts";
import { UPSTREAM_ERRORS } from "./errors/upstream.ts";

/** The error contract. Sentences say what to do next. */
export const ERRORS = {
  ...CALLER_ERRORS,
  ...LIMIT_ERRORS,
  ...UPSTREAM_ERRORS,
  ...GATEWAY_ERRORS,
} as const;

export type ErrorCode = keyof typeof ERRORS;

export type TimeoutPhase = "headers" | "first_token" | "response" | "idle" | "total";

/** An expected failure. Everything but `code` is optional and safe to show to the caller. */
export type Failure = {
  readonly code: ErrorCode;
  /** The field, header, path or setting that is at fault. */
  readonly param?: string;
  readonly details?: unknown;
  /** Milliseconds until trying again makes sense; becomes Retry-After and retry-after-ms. */
  readonly retryAfterMs?: number;
  /** For method_not_allowed: the Allow header. */
  readonly allow?: readonly string[];
  /** Who is at fault where it is not whom the table names: a provider may refuse a parameter too. */
  readonly source?: Source;
  /** Where a policy wants another status than the table's: OpenAI's SDKs know no 402. */
  readonly status?: number;
};

export const failure = (code: ErrorCode, more: Omit<Failure, "code"> = {}): Failure => ({
  code,
  ...more,
});

export const statusOf = (fail: Failure): number => fail.status ?? ERRORS[fail.code].status;
