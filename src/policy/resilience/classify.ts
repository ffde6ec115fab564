/**
 * Decides: what a provider's failed answer means – try again, go elsewhere, or tell the caller – and
 * what the caller hears if nobody else answers (machines.md 6 and 13, faults.md F1 to F19).
 * Never: counts tries, waits or chooses the next target; and never lets upstream text through.
 */
import type { DialectName } from "../../domain/dialect-name.ts";
import { type Failure, failure, type TimeoutPhase } from "../../domain/error.ts";
import type { ProviderKind } from "../../domain/target.ts";
import type { UpstreamError } from "../../domain/upstream-error.ts";
import { type HeaderLookup, retryAfter, windowReset } from "./retry-after.ts";
import { threadRefusal } from "./thread-refusal.ts";
import { meaningOf, statusSaid } from "./wording.ts";

export type Verdict = {
  /** What helps. Whoever has no tries, credentials or targets left takes the next thing that does. */
  readonly action: "retry_same" | "next_credential" | "next_target" | "tell_caller";
  /** What the caller hears if this was the last word. */
  readonly failure: Failure;
  /** How the target's breaker counts it; `credential` goes to the breaker of the key that was used. */
  readonly breaker: "fail" | "throttle" | "credential" | "ignore";
  /** Milliseconds since the epoch; there where the provider named a time, only with `throttle`. */
  readonly throttledUntil?: number;
  /** What the way on depends on: a larger context, or an answer without prefill. */
  readonly reason?: "context_length" | "prefill_refused";
};

export type FailedAnswer = {
  readonly kind: ProviderKind;
  readonly dialect: DialectName;
  readonly status: number;
  readonly headers: HeaderLookup;
  /** What the dialect's error decoder made of the body. */
  readonly error: UpstreamError | undefined;
  /** The parsed error body where there is one: Google says there how long to wait. */
  readonly body?: unknown;
  /** The error stood inside a 200 or a stream; then `status` and `headers` say nothing about it. */
  readonly inBand: boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Top-level fields of the caller's request: only a `param` that is one of them is passed on. */
  readonly fields?: { has(name: string): boolean };
};

/** Faults that leave no answer to read. `invalid`: bad body, wrong content type, a redirect. */
export type TransportFault =
  | { readonly fault: "unreachable" | "forbidden" | "invalid" | "truncated" }
  | { readonly fault: "timeout"; readonly phase: TimeoutPhase };

/** A wait up to this long is sat out on the same target; for more, another target answers sooner. */
const WORTH_WAITING_MS = 5_000;
/** Told to the caller where a provider limits the rate and names no time: per-minute windows refill within seconds. */
const UNKNOWN_WAIT_MS = 5_000;

const NO_HEADERS: HeaderLookup = { get: () => undefined };

/** What a fault of the connection, of time or of form means. */
export const classifyFault = (fault: TransportFault): Verdict => {
  switch (fault.fault) {
    case "unreachable":
      return { action: "retry_same", failure: failure("upstream_unreachable"), breaker: "fail" };
    case "forbidden":
      return { action: "next_target", failure: failure("upstream_unreachable"), breaker: "ignore" };
    case "invalid":
      return { action: "next_target", failure: failure("upstream_invalid"), breaker: "fail" };
    case "truncated":
      // Nothing of it has reached the caller: to them the provider failed, and no stream broke off.
      return { action: "retry_same", failure: failure("upstream_error"), breaker: "fail" };
    case "timeout": {
      const fail = failure("upstream_timeout", { details: { phase: fault.phase } });
      // The total may be the caller's own, as short as it likes: it says nothing about the target.
      return fault.phase === "total"
        ? { action: "tell_caller", failure: fail, breaker: "ignore" }
        : { action: "next_target", failure: fail, breaker: "fail" };
    }
  }
};

/** What an error answer means, whether it came with a status or inside a 200. */
export const classifyAnswer = (answer: FailedAnswer): Verdict => {
  const lost = answer.dialect === "anthropic-messages" ? threadRefusal(answer.body) : undefined;
  if (lost !== undefined) return lostThread(lost);
  const status = answer.inBand ? statusSaid(answer.error) : answer.status;
  switch (meaningOf(status, answer.error)) {
    case "quota":
      return {
        action: "next_credential",
        failure: failure("upstream_quota"),
        breaker: "credential",
      };
    case "credential":
      return refusedKey;
    case "context_length":
      return {
        action: "next_target",
        failure: failure("context_length_exceeded"),
        breaker: "ignore",
        reason: "context_length",
      };
    case "unknown_model":
      return misnamed;
    case "content_filter":
      return { action: "tell_caller", failure: failure("content_filtered"), breaker: "ignore" };
    case "prefill_refused":
      return { ...refusedRequest(answer), reason: "prefill_refused" };
    case undefined:
      return byStatus(status, answer);
  }
};

/** Whatever its status: the caller's client sends the whole conversation again, and nobody else has it. */
const lostThread = (details: Readonly<Record<string, unknown>>): Verdict => ({
  action: "tell_caller",
  failure: failure("invalid_parameter", { source: "upstream", param: "thread", details }),
  breaker: "ignore",
});

const refusedKey: Verdict = {
  action: "next_credential",
  failure: failure("upstream_auth_failed"),
  breaker: "credential",
};

/** The operator's fault, not the caller's, who named the model as the configuration does. */
const misnamed: Verdict = {
  action: "next_target",
  failure: failure("upstream_invalid"),
  breaker: "ignore",
};

const byStatus = (status: number, answer: FailedAnswer): Verdict => {
  switch (status) {
    case 400:
    case 422:
      return refusedRequest(answer);
    case 401:
    case 403:
      return refusedKey;
    case 413:
      return {
        action: "next_target",
        failure: failure("request_too_large", { source: "upstream" }),
        breaker: "ignore",
      };
    case 429:
      return rateLimited(answer);
    case 498: // Groq: no capacity in the flex tier
    case 503:
    case 529:
      return overloaded(answer);
    case 408:
    case 504:
    case 524: // Cloudflare: the origin did not answer
      // It was silent for long already; a second wait of that length is not the caller's wish.
      return { action: "next_target", failure: failure("upstream_error"), breaker: "fail" };
    case 409:
    case 425:
      return broken(answer, "ignore");
    default:
      return status >= 500 ? broken(answer, "fail") : misnamed;
  }
};

/** Anthropic names the field at the head of its sentence: `messages.0.content: …`. */
const LEADING_PARAM = /^([a-z_]+(?:\.\w+){0,8}): /;
const PARAM = /^[A-Za-z_][\w.[\]-]{0,127}$/;

/** The parameter that upstream names, if the caller sent it and it can be said in a name's characters. */
const paramOf = ({ error, dialect, fields }: FailedAnswer): string | undefined => {
  const said =
    error?.param ??
    (dialect === "anthropic-messages" ? LEADING_PARAM.exec(error?.message ?? "")?.[1] : undefined);
  if (said === undefined || !PARAM.test(said)) return undefined;
  const head = said.split(/[.[]/, 1)[0] ?? "";
  return fields === undefined || fields.has(head) ? said : undefined;
};

const refusedRequest = (answer: FailedAnswer): Verdict => {
  const param = paramOf(answer);
  return {
    action: "tell_caller",
    failure: failure("invalid_parameter", {
      source: "upstream",
      ...(param === undefined ? {} : { param }),
    }),
    breaker: "ignore",
  };
};

const rateLimited = (answer: FailedAnswer): Verdict => {
  const said =
    saidWait(answer) ?? (answer.inBand ? undefined : windowReset(answer.headers, answer.now));
  return {
    action:
      said !== undefined && said <= WORTH_WAITING_MS && mayRepeat(answer)
        ? "retry_same"
        : "next_target",
    failure: failure("upstream_rate_limited", { retryAfterMs: said ?? UNKNOWN_WAIT_MS }),
    breaker: "throttle",
    ...(said === undefined ? {} : { throttledUntil: answer.now + said }),
  };
};

const overloaded = (answer: FailedAnswer): Verdict => {
  const said = saidWait(answer);
  if (said === undefined) return broken(answer, "fail");
  return {
    action: said <= WORTH_WAITING_MS && mayRepeat(answer) ? "retry_same" : "next_target",
    failure: failure("no_healthy_upstream", { retryAfterMs: said }),
    breaker: "throttle",
    throttledUntil: answer.now + said,
  };
};

const broken = (answer: FailedAnswer, breaker: "fail" | "ignore"): Verdict => ({
  action: mayRepeat(answer) ? "retry_same" : "next_target",
  failure: failure("upstream_error"),
  breaker,
});

const saidWait = ({ headers, error, body, inBand, now }: FailedAnswer): number | undefined =>
  retryAfter({ headers: inBand ? NO_HEADERS : headers, message: error?.message, body, now });

/** OpenAI and Anthropic may forbid the repeat outright. */
const mayRepeat = ({ headers, inBand }: FailedAnswer): boolean =>
  inBand || headers.get("x-should-retry") !== "false";
