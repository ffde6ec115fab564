/**
 * Decides: what a failure looks like in the two error envelopes that callers know (contract.md section 5).
 * Never: adds a word of its own; sentences and types come from the table in domain/error.
 */
import { ERRORS, type Failure } from "../domain/error.ts";

/** `anthropic` on /v1/messages and below it, `openai` everywhere else. */
export type ErrorStyle = "openai" | "anthropic";

/** The envelope of `failure`: the body of an error answer, or the data of an error inside a stream. */
export const errorBody = (
  style: ErrorStyle,
  failure: Failure,
  requestId: string,
): Record<string, unknown> => {
  const row = ERRORS[failure.code];
  if (style === "anthropic") {
    const { code, param, details } = failure;
    // The sentences speak of `param` and `details`; only where there is one does it stand here.
    const more = {
      ...(param !== undefined && { param }),
      ...(details !== undefined && { details }),
    };
    const error = { type: row.anthropic, message: row.message, code, ...more };
    return { type: "error", error, request_id: requestId };
  }
  return {
    error: {
      message: row.message,
      type: row.type,
      param: failure.param ?? null,
      code: failure.code,
      request_id: requestId,
      retryable: row.retryable,
      source: failure.source ?? row.source,
      ...(failure.details !== undefined && { details: failure.details }),
    },
  };
};
