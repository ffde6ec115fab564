/**
 * Decides: what becomes of an idempotent request's record when its run has ended: the reply is kept and given
 * again, or the key is free for another try.
 * Never: frees a key whose run somebody will be billed for.
 */
import type { Failure } from "../../domain/error.ts";
import { ERRORS } from "../../domain/error.ts";
import type { RequestRecord } from "../../domain/record.ts";
import { totalInput } from "../../domain/usage.ts";

/** Bytes of a reply's body. What is larger is not kept: nobody replays megabytes. */
export const LARGEST_KEPT = 1024 * 1024;

/**
 * `keep`: what the caller got, error or not. `keep_broken`: the caller left with a fragment, so an error is
 * kept in its place that says that it is over. `free`: another try may be made.
 */
export type Fate = "keep" | "keep_broken" | "free";

export type Ending = {
  readonly record: Pick<
    RequestRecord,
    "attempts" | "stream" | "first_token_ms" | "usage" | "cost_nano_usd"
  >;
  /** The failure in place of an answer; undefined where an answer was begun. */
  readonly failure: Failure | undefined;
  /** Whether the answer has an error in its midst: the status had left before it failed. */
  readonly brokeOff: boolean;
  /** Whether the caller went before everything had reached him. */
  readonly left: boolean;
};

/** Whether tokens were used: reported, priced, or on their way to the caller already. */
const isBilled = ({ usage, cost_nano_usd: cost, stream, first_token_ms }: Ending["record"]) =>
  totalInput(usage ?? {}) + (usage?.output_tokens ?? 0) > 0 ||
  (cost ?? 0) > 0 ||
  (stream && first_token_ms !== undefined);

const RATE_LIMITED = 429;
const SERVER_ERROR = 500;

/** A provider's no that another try would only hear again. A full one is not such a no. */
const isVerdict = ({ record, failure }: Ending): boolean => {
  if (failure === undefined || record.attempts === 0) return false;
  const { status, source } = ERRORS[failure.code];
  if (status >= SERVER_ERROR || status === RATE_LIMITED) return false;
  // The table blames the caller for it, whoever has counted.
  const isUpstreams = failure.code === "context_length_exceeded";
  return isUpstreams || (failure.source ?? source) === "upstream";
};

export const fateOf = (ending: Ending): Fate => {
  const { record, failure, brokeOff, left } = ending;
  if (left) return isBilled(record) ? "keep_broken" : "free";
  if (failure === undefined && !brokeOff) return "keep";
  return isVerdict(ending) || isBilled(record) ? "keep" : "free";
};
