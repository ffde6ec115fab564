/**
 * Decides: one admitted attempt: leave is asked of the target's breaker and quota, and what came of it
 * is told to both.
 * Never: asks a target that may not be called; that costs the request no round trip.
 */

import { isRecord } from "../base/record.ts";
import { failure } from "../domain/error.ts";
import type { Target } from "../domain/target.ts";
import { totalInput, type Usage } from "../domain/usage.ts";
import type { Verdict } from "../policy/resilience/classify.ts";
import { costOf } from "../policy/usage/cost.ts";
import type { AttemptOutcome, Deps, Pass } from "../ports.ts";
import { attempt } from "./attempt.ts";
import { type Entry, NOTHING, tokensOf } from "./bill.ts";
import { charged } from "./charge.ts";
import { cover } from "./cover.ts";
import type { Heard } from "./heard.ts";
import type { Run } from "./run.ts";
import type { Ended, Outcome, Trial } from "./trial.ts";
import { upstreamBegins, upstreamEnds } from "./upstream-time.ts";

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

/** Tokens. Only a chat has been checked for what it names, and only a chat has an output. */
const expectedOutput = ({ operation, ask }: Run): number => {
  if (operation !== "chat") return 0;
  const body = ask.body.value;
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

/** Whether it was the caller who had no more time: he left, or the deadline that he had set was over. */
const endedByCaller = ({ ask }: Dispatching["run"], error: Verdict | "caller_left"): boolean => {
  if (error === "caller_left") return true;
  const { code, details } = error.failure;
  const isTotal = code === "upstream_timeout" && isRecord(details) && details["phase"] === "total";
  return isTotal && ask.controls.timeoutMs !== undefined;
};

/** No limit has room for one more attempt: it is not made, and what went wrong before is told. */
const UNPAID: Verdict = {
  action: "next_target",
  failure: failure("budget_held"),
  breaker: "ignore",
};

/** What the attempt is charged if nobody hears of its end. */
const entryFor = ({ run, target }: Dispatching): Entry => {
  const hold = run.permit?.holds.get(target.model);
  const { tokens, nanoUsd } = hold?.cost ?? NOTHING;
  return {
    target,
    hold: { tokens, nanoUsd },
    floor: () => {
      const estimate = run.sizes().estimate();
      return { input_tokens: tokens > 0 ? Math.min(estimate, tokens) : estimate };
    },
    usage: undefined,
    estimated: false,
    isFree: false,
    served: false,
  };
};

/** `secret`: the name of the credential that is used; undefined where there is none. */
type Dispatching = Trial & {
  readonly secret: string | undefined;
  /** More than the caller brought: a repeat, a fallback, a hedge. */
  readonly repeat: boolean;
};

const IGNORED: AttemptOutcome = {
  kind: "ignore",
  firstTokenMs: undefined,
  totalMs: undefined,
  until: undefined,
};

/** What a balanced hold will be made of the next time; our own counts teach nothing. */
const learnSizes = (
  deps: Deps,
  { usage, estimated, target }: Entry,
  { run }: Dispatching,
): void => {
  if (estimated || usage === undefined || run.permit === undefined) return;
  const { answers } = run.sizes().output();
  const estimate = run.permit.holds.get(target.model)?.estimate;
  const { output_tokens: output } = usage;
  deps.learned.sized(target.model, { output, answers, input: totalInput(usage), estimate });
};

/** A credential that is refused, or has no money left, needs somebody to look after it (faults.md F9, F10). */
const callFor = (
  deps: Deps,
  { provider, model }: Target,
  secret: string,
  { failure }: Verdict,
): void => {
  const code = failure.code === "upstream_quota" ? failure.code : "upstream_auth_failed";
  deps.alerts.raise({ event: "credential.refused", provider, model, secret, code });
};

const doubt = (deps: Deps, { target, run }: Dispatching, fields: readonly string[]): void =>
  deps.alerts.raise({
    event: "usage.suspect",
    provider: target.provider,
    model: target.model,
    request_id: run.ask.requestId,
    fields,
  });

/** Puts what an attempt is charged into the bill. */
const enter = (deps: Deps, entry: Entry, trial: Dispatching, heard: Heard): Usage => {
  const { run, target, prepared } = trial;
  const { usage, estimated, suspect } = charged({
    ...{ target, heard },
    sizes: run.sizes(),
    bytes: prepared.body.length,
    isInputOnly: run.operation !== "chat",
  });
  entry.usage = run.operation === "count_tokens" ? {} : usage;
  entry.estimated = estimated;
  if (suspect.length > 0) doubt(deps, trial, suspect);
  return entry.usage;
};

const needOf = ({ run, prepared, repeat }: Dispatching) => ({
  requests: 1,
  repeat,
  tokens: Math.ceil(prepared.body.length / BYTES_PER_TOKEN) + expectedOutput(run),
});

/** An answer, whose end is to be told to its `ended` once, or a verdict. Whatever it comes to stands in the bill. */
export const dispatch = async (deps: Deps, trial: Dispatching): Promise<Outcome> => {
  const { target, run, secret } = trial;
  if (!(await cover(deps, run, target))) return { ok: false, error: UNPAID };
  const leave = deps.health.admit(target, run.ask.caller.org, needOf(trial));
  const pass: Pass | undefined = leave instanceof Promise ? await leave : leave;
  if (pass === undefined) return { ok: false, error: unavailable(deps, target) };
  const refused = await run.ask.once?.dispatching();
  if (refused !== undefined) {
    deps.health.report(target, pass, IGNORED);
    return { ok: false, error: { action: "tell_caller", failure: refused, breaker: "ignore" } };
  }
  const entry = entryFor(trial);
  run.bill.entries.push(entry);
  run.record.attempts += 1;
  run.record.model = target.model;
  run.record.provider = target.provider;
  const begun = deps.clock.now();
  run.askedAt ??= begun;
  upstreamBegins(run.upstreamTime, begun);
  let lost: Heard | undefined;
  const outcome = await attempt(deps, trial, (heard) => {
    lost = heard;
  });
  const took = (): number => deps.clock.now() - begun;
  const report = (kind: AttemptOutcome["kind"], more: Partial<AttemptOutcome> = {}): void =>
    deps.health.report(target, pass, { ...IGNORED, kind, ...more });
  if (!outcome.ok) {
    upstreamEnds(run.upstreamTime, deps.clock.now());
    const { kind, until } = outcomeOf(outcome.error);
    report(kind, { until });
    // A caller who left, or would not wait, has left a provider at work, and a stream that had begun is paid;
    // whoever refused has billed nothing.
    if (lost !== undefined) enter(deps, entry, trial, lost);
    entry.isFree = !endedByCaller(run, outcome.error) && lost === undefined;
    if (outcome.error === "caller_left") return outcome;
    const { breaker, action } = outcome.error;
    if (secret !== undefined && breaker === "credential") {
      deps.health.reportCredential(target, secret, true);
      callFor(deps, target, secret, outcome.error);
    }
    // A probe is one try: what it finds is for the breaker to judge.
    return pass.probe !== undefined && action === "retry_same"
      ? { ok: false, error: { ...outcome.error, action: "next_target" } }
      : outcome;
  }
  if (secret !== undefined) deps.health.reportCredential(target, secret, false);
  const firstTokenMs = outcome.value.kind === "live" ? took() : undefined;
  // An answer is a success when it has ended well, not when it has begun.
  const ended: Ended = (kind, heard) => {
    upstreamEnds(run.upstreamTime, deps.clock.now());
    const usage = enter(deps, entry, trial, heard);
    entry.served = true;
    learnSizes(deps, entry, trial);
    report(kind, {
      firstTokenMs,
      totalMs: took(),
      tokens: tokensOf(usage),
      costNanoUsd: costOf(target.price, usage),
    });
  };
  return { ok: true, value: { ...outcome.value, ended } };
};
