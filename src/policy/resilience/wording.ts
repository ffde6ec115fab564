/**
 * Decides: what a provider's error means where its status alone does not tell: by code and type
 * first, by the wording of its sentence where it has no better sign.
 * Never: decides what to do about it; that is classify.ts.
 */

import { own } from "../../base/record.ts";
import type { UpstreamError } from "../../domain/upstream-error.ts";

export type Meaning =
  /** The account's money is used up; waiting does not help. */
  | "quota"
  /** More tokens than the model, or the account's rate, can ever take at once. */
  | "context_length"
  | "content_filter"
  /** The key is refused. */
  | "credential"
  /** The name that the configuration gives the model upstream is not known there. */
  | "unknown_model"
  /** An assistant message in the last place is not continued by this model. */
  | "prefill_refused";

type Sign = { readonly names: readonly string[]; readonly words: RegExp };

const QUOTA: Sign = {
  names: [
    "insufficient_quota",
    "billing_hard_limit_reached",
    "billing_not_active",
    "billing_error",
    "insufficient_balance",
    "insufficient_credits",
    "exceeded_current_quota_error",
    "payment_required",
  ],
  words:
    /credit balance is too low|insufficient (?:account )?(?:balance|credits?|funds|quota)|out of credits|used all (?:available |of your )?credits|(?:does not|doesn't) have any credits|requires more credits|reached (?:your|its|the) (?:\w+ ){0,3}(?:usage|spending|spend|billing) limit|(?:spending|spend|billing)[ -](?:hard )?(?:limit|cap)|key limit exceeded|account is (?:suspended|not active)|inactive subscription|daily free allocation|quota exceeded for metric[^\n]{0,200}\blimit: 0\b/,
};
/** The same sentence in two meanings: OpenAI's is about money, Google's about a window – Google adds a metric or a wait. */
const BILLING = /check your plan and billing/;
const WINDOW = /quota exceeded for metric|retry in \d/;

const CONTEXT: Sign = {
  names: [
    "context_length_exceeded",
    "context_window_exceeded",
    "exceed_context_size_error",
    "string_above_max_length",
    "too_many_prompt_tokens",
    "too_many_tokens",
    "tokens_limit_reached",
  ],
  words:
    /(?:maximum|max) (?:context|prompt) (?:length|window)|context (?:length|window|size|limit)[^.]{0,40}exceed|exceed[^.]{0,60}(?:context (?:length|window|size|limit)|token limit)|(?:prompt|input) (?:is )?too long|input length[^.]{0,60}exceed|token count[^.]{0,40}exceeds|token count is \d+ but|longer than[^.]{0,40}context|must have less than \d+ tokens|(?:prompt|input)[^.]{0,40}exceeds? (?:the )?max(?:imum)? (?:\w+ )?(?:length|tokens)|number of (?:input )?tokens[^.]{0,40}exceed|too many (?:input |prompt )?tokens|total length of all messages is too long|reduce the length of|tokens? \+ [^.]{0,40}must be <=|range of input length should be/,
};
/** A rate that this one request exceeds by itself: waiting never helps. */
const TOO_LARGE_FOR_RATE = /request too large for|too large for (?:the )?tokens per/;

const CONTENT: Sign = {
  names: [
    "content_filter",
    "content_policy_violation",
    "responsibleaipolicyviolation",
    "moderation_blocked",
    "data_inspection_failed",
    "prohibited_content",
  ],
  words:
    /content (?:management|filter(?:ing)?|moderation|usage) polic|content policy|content filter|(?:flagged|blocked|filtered|rejected)[^.]{0,60}(?:polic(?:y|ies)|moderation|safety)|input was flagged|prompt was blocked|responsible ai|content exists risk|inappropriate content|violates? (?:\w+ ){0,3}(?:guidelines|polic(?:y|ies))/,
};

const CREDENTIAL: Sign = {
  names: [
    "invalid_api_key",
    "api_key_invalid",
    "authentication_error",
    "unauthenticated",
    "account_deactivated",
  ],
  words:
    /(?:api[ _-]?key|access token|credentials?)[^.]{0,30}(?:not valid|invalid|incorrect|expired|revoked|missing)|(?:invalid|incorrect|expired|missing) (?:x-)?(?:api[ _-]?key|access token|credentials?)|organi[sz]ation has been disabled/,
};

const UNKNOWN_MODEL: Sign = {
  names: [
    "model_not_found",
    "model_not_exist",
    "model_decommissioned",
    "invalid_model",
    "deploymentnotfound",
  ],
  words:
    /model ["'`]?[\w./:-]{1,80}["'`]? (?:does not exist|(?:is )?not found|is not supported|has been decommissioned)|model not exist|invalid model:|not a valid model id|model identifier is invalid/,
};

const PREFILL: Sign = {
  names: [],
  words:
    /prefill|must end with a user|ends? with a user role|expected last role|last message (?:must|should|is|cannot|was)|(?:final|last) assistant (?:message|content)|assistant message[^.]{0,40}(?:last|final|end of)/,
};

const says = (sign: Sign, names: readonly string[], words: string): boolean =>
  names.some((name) => sign.names.includes(name)) || sign.words.test(words);

/**
 * The meaning behind `status`. Each one is looked for only where providers are known to hide it: a
 * 500 is a 500 whatever it says.
 */
export const meaningOf = (
  status: number,
  error: UpstreamError | undefined,
): Meaning | undefined => {
  if (status === 402) return "quota";
  if (error === undefined || status < 400 || status >= 500) return undefined;
  const names = [error.code, error.type].flatMap((name) => name?.toLowerCase() ?? []);
  const words = [...names, error.message.slice(0, 4_096).toLowerCase()].join(" ");
  if (says(QUOTA, names, words)) return "quota";
  if (BILLING.test(words) && !WINDOW.test(words)) return "quota";
  if ((status === 413 || status === 429) && TOO_LARGE_FOR_RATE.test(words)) return "context_length";
  if (status === 429 || status === 401 || status === 404) return undefined;
  if (says(CONTENT, names, words)) return "content_filter";
  if (says(UNKNOWN_MODEL, names, words)) return "unknown_model";
  if (says(CREDENTIAL, names, words)) return "credential";
  if (status === 403) return undefined;
  if (says(PREFILL, names, words)) return "prefill_refused";
  if (says(CONTEXT, names, words)) return "context_length";
  return undefined;
};

/** Statuses that an error inside a 200 stands for, by its code or type, lower case. */
const STATUS: Readonly<Record<string, number>> = {
  // Anthropic
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
  // OpenAI and those who follow it
  content_filter: 400,
  context_length_exceeded: 400,
  invalid_api_key: 401,
  insufficient_quota: 429,
  rate_limit_exceeded: 429,
  server_error: 500,
  server_is_overloaded: 503,
  service_unavailable_error: 503,
  // google.rpc.Code
  invalid_argument: 400,
  failed_precondition: 400,
  unauthenticated: 401,
  permission_denied: 403,
  not_found: 404,
  resource_exhausted: 429,
  internal: 500,
  unavailable: 503,
  deadline_exceeded: 504,
};

/** The status that an in-band error would have had: its numeric code, else what its names stand for, else 500. */
export const statusSaid = (error: UpstreamError | undefined): number => {
  const code = error?.code?.toLowerCase() ?? "";
  if (/^[45]\d\d$/.test(code)) return Number(code);
  return own(STATUS, code) ?? own(STATUS, error?.type?.toLowerCase() ?? "") ?? 500;
};
