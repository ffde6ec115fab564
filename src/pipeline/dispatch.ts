/**
 * Decides: one admitted attempt: leave is asked of the target's breaker and quota, and what came of it
 * is told to both.
 * Never: asks a target that may not be called; that costs the request no round trip.
 */

import { failure } from "../domain/error.ts";
import type { Target } from "../domain/target.ts";
import { totalInput } from "../domain/usage.ts";
import type { Verdict } from "../policy/resilience/classify.ts";
import { costOf } from "../policy/usage/cost.ts";
import type { AttemptOutcome, Deps, Pass } from "../ports.ts";
import { attempt } from "./attempt.ts";
import type { Ended, Outcome, Trial } from "./trial.ts";

/** Milliseconds; told where nobody knows when a target that is down will be tried again. */
const UNKNOWN_WAIT_MS = 5_000;
/** Bytes of a request for one token, roughly: enough for a provider's quota, which is not money. */
const BYTES_PER_TOKEN = 4;

/** A target that may not be called now. */
const unavailable = (deps: Deps, target: Target): Verdict => {
  const until = deps.health.view(target)?.until;
  const wait = until === undefined ? UNKNOWN_WAIT_MS : Math.max(1, until - deps.clock.now());
  return {
    action: "next_target",
    failure: failure("no_healthy_upstream", { retryAfterMs: wait }),
    breaker: "ignore",
  };
};

const expectedOutput = (body: Readonly<Record<string, unknown>>): number => {
  const cap = body["max_completion_tokens"] ?? body["max_tokens"];
  return typeof cap === "number" ? cap : 0;
};

const outcomeOf = (verdict: Verdict | "caller_left"): Pick<AttemptOutcome, "kind" | "until"> => {
  if (verdict === "caller_left") return { kind: "ignore", until: undefined };
  switch (verdict.breaker) {
    case "fail": {
      const late = verdict.failure.code === "upstream_timeout";
      return { kind: late ? "timeout" : "fail", until: undefined };
    }
    case "throttle":
      return { kind: "throttle", until: verdict.throttledUntil };
    default:
      return { kind: "ignore", until: undefined };
  }
};

/** `secret`: the name of the credential that is used; undefined where there is none. */
export type Dispatching = Trial & {
  readonly secret: string | undefined;
  /** More than the caller brought: a repeat, a fallback, a hedge. */
  readonly repeat: boolean;
};

const needOf = ({ run, prepared, repeat }: Dispatching) => ({
  requests: 1,
  repeat,
  tokens: Math.ceil(prepared.body.length / BYTES_PER_TOKEN) + expectedOutput(run.ask.body.value),
});

export const dispatch = async (deps: Deps, trial: Dispatching): Promise<Outcome> => {
  const { target, run, secret } = trial;
  const leave = deps.health.admit(target, run.ask.caller.org, needOf(trial));
  const pass: Pass | undefined = leave instanceof Promise ? await leave : leave;
  if (pass === undefined) return { ok: false, error: unavailable(deps, target) };
  run.record.attempts += 1;
  run.record.model = target.model;
  run.record.provider = target.provider;
  const begun = deps.clock.now();
  run.askedAt ??= begun;
  const outcome = await attempt(deps, trial);
  const took = (): number => deps.clock.now() - begun;
  const report = (kind: AttemptOutcome["kind"], more: Partial<AttemptOutcome> = {}): void =>
    deps.health.report(target, pass, {
      kind,
      firstTokenMs: undefined,
      totalMs: undefined,
      until: undefined,
      ...more,
    });
  if (!outcome.ok) {
    const { kind, until } = outcomeOf(outcome.error);
    report(kind, { until });
    if (outcome.error === "caller_left") return outcome;
    const { breaker, action } = outcome.error;
    if (secret !== undefined && breaker === "credential") {
      deps.health.reportCredential(target, secret, true);
    }
    // A probe is one try: what it finds is for the breaker to judge.
    return pass.probe !== undefined && action === "retry_same"
      ? { ok: false, error: { ...outcome.error, action: "next_target" } }
      : outcome;
  }
  if (secret !== undefined) deps.health.reportCredential(target, secret, false);
  const firstTokenMs = outcome.value.kind === "live" ? took() : undefined;
  // An answer is a success when it has ended well, not when it has begun.
  const ended: Ended = (kind, usage) =>
    report(kind, {
      firstTokenMs,
      totalMs: took(),
      tokens: usage && totalInput(usage) + (usage.output_tokens ?? 0),
      costNanoUsd: usage && costOf(target.price, usage),
    });
  return { ok: true, value: { ...outcome.value, ended } };
};
