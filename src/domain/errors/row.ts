/**
 * Decides: what is said of one kind of failure: status, types, source, sentence.
 * Never: is said of one failure in particular.
 */
export type Source = "caller" | "limit" | "upstream" | "gateway";

export type ErrorType =
  | "invalid_request_error"
  | "authentication_error"
  | "insufficient_quota"
  | "permission_error"
  | "timeout_error"
  | "conflict_error"
  | "rate_limit_error"
  | "api_error"
  | "upstream_error"
  | "overloaded_error";

export type AnthropicErrorType =
  | "invalid_request_error"
  | "authentication_error"
  | "billing_error"
  | "permission_error"
  | "not_found_error"
  | "request_too_large"
  | "rate_limit_error"
  | "timeout_error"
  | "api_error"
  | "overloaded_error";

export type Row = {
  readonly status: number;
  readonly type: ErrorType;
  readonly anthropic: AnthropicErrorType;
  readonly source: Source;
  readonly retryable: boolean;
  /** Whether the SDKs must be told not to try again although the status says they may. */
  readonly noRetry?: true;
  readonly message: string;
};

export const caller = (
  status: number,
  message: string,
  type: ErrorType = "invalid_request_error",
  anthropic: AnthropicErrorType = "invalid_request_error",
): Row => ({ status, type, anthropic, source: "caller", retryable: false, message });

export const limit = (message: string): Row => ({
  status: 429,
  type: "rate_limit_error",
  anthropic: "rate_limit_error",
  source: "limit",
  retryable: true,
  message,
});

export const row = (
  status: number,
  type: ErrorType,
  anthropic: AnthropicErrorType,
  source: Source,
  retryable: boolean,
  message: string,
): Row => ({ status, type, anthropic, source, retryable, message });

export const noRetry = (plain: Row): Row => ({ ...plain, noRetry: true });
