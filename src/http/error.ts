/**
 * Decides: how a failure leaves as an HTTP answer: envelope, status and the headers that SDKs obey.
 * Never: says more than the table of failures does.
 */
import type { Random } from "../base/clock.ts";
import { type ErrorStyle, errorBody } from "../dialects/error-body.ts";
import { ERRORS, type Failure, statusOf } from "../domain/error.ts";
import type { Ctx } from "./context.ts";

/** Milliseconds to wait where the failure itself knows no better. */
const DEFAULT_WAIT = 2_000;

/** Answers with `failure`; `headers` are facts known by then (model, attempts, server-timing). */
export const refuse = (
  c: Ctx,
  failure: Failure,
  headers: Readonly<Record<string, string>> = {},
): Response =>
  errorResponse(c.get("errors"), failure, c.get("requestId"), c.get("deps").random, headers);

/** The same, for failures before there is a context. */
export const errorResponse = (
  style: ErrorStyle,
  failure: Failure,
  requestId: string,
  random: Random,
  headers: Readonly<Record<string, string>> = {},
): Response =>
  new Response(JSON.stringify(errorBody(style, failure, requestId)), {
    status: statusOf(failure),
    headers: {
      ...headers,
      "content-type": "application/json",
      ...headersOf(failure, random),
    },
  });

/** The headers that belong to a failure (machines.md section 13). */
const headersOf = (failure: Failure, random: Random): Record<string, string> => {
  const row = ERRORS[failure.code];
  return {
    ...waiting(failure, random),
    ...("noRetry" in row && { "x-should-retry": "false" }),
    ...(row.status === 401 && { "www-authenticate": "Bearer" }),
    ...(row.status === 408 && { connection: "close" }),
    ...(failure.allow !== undefined && { allow: failure.allow.join(", ") }),
  };
};

/** Retry-after in whole seconds; in milliseconds exact and up to a tenth more, so that callers do not return together. */
const waiting = (failure: Failure, random: Random): Record<string, string> => {
  const status = statusOf(failure);
  const told = failure.retryAfterMs;
  const always = status === 429 || status === 503 || failure.code === "idempotency_in_progress";
  if (told === undefined && !always) return {};
  const wait = Math.max(1, told ?? DEFAULT_WAIT);
  return {
    "retry-after": String(Math.ceil(wait / 1_000)),
    "retry-after-ms": String(Math.ceil(wait) + Math.floor((wait * random()) / 10)),
  };
};
