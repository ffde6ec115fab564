/**
 * Decides: that every request ends exactly once, on every path – whole, broken off, caller gone – and
 * that its record is complete then.
 * Never: holds up the answer.
 */
import { type Failure, failure, statusOf } from "../domain/error.ts";
import type { Deps } from "../ports.ts";
import type { Reply } from "./ask.ts";
import { actualOf, costOfAll, isEstimated, tokensOf, usageOfAll, ZERO_USAGE } from "./bill.ts";
import { rowOf } from "./ledger-row.ts";
import type { RelayEnd } from "./relay.ts";
import { cacheOf, isGiven, type Run } from "./run.ts";
import { toldHeaders } from "./told-headers.ts";

/** What nginx made the usual number for a caller who left before the answer. */
const CLIENT_CLOSED = 499;
const BAD_REQUEST = 400;
const SERVER_ERROR = 500;
/** Answers that say "you may not" or "not now". */
const DENIALS: ReadonlySet<number> = new Set([401, 402, 403, 429]);

/** What the attempts came to, for the record. */
const meter = ({ record, bill }: Run): void => {
  if (bill.entries.length === 0) return;
  record.usage = usageOfAll(bill) ?? (isGiven(record) ? ZERO_USAGE : undefined);
  record.cost_nano_usd = costOfAll(bill);
  record.estimated ||= isEstimated(bill);
};

/** Puts what was used in the place of what was held, with the request's row in the ledger. */
const close = (deps: Deps, run: Run): void => {
  const { ask, bill, permit, record, isTallied, deniedBy } = run;
  if (permit !== undefined) {
    deps.limiter.end(ask.caller, rowOf(run), actualOf(bill));
  } else if (DENIALS.has(record.status) && !isTallied && record.error_code !== undefined) {
    deps.limiter.denied(ask.caller, record.status, record.error_code, deniedBy);
  } else if (record.status >= SERVER_ERROR && record.error_code !== "limiter_unavailable") {
    // Nothing was held for it; a failure has a row all the same, or an outage would not be in the reports.
    deps.limiter.end(ask.caller, rowOf(run), actualOf(bill));
  }
};

/** To be called once a request. `end`: how its answer ended, or why there is none. */
export const settle = (deps: Deps, run: Run, end: Failure | RelayEnd | "caller_left"): void => {
  const { record, ask } = run;
  run.isSettled = true;
  record.latency_ms = deps.clock.now() - record.at;
  if (end === "caller_left") record.status = CLIENT_CLOSED;
  else if ("end" in end) {
    if (end.end === "caller_left") record.status = CLIENT_CLOSED;
    if (end.end === "broken") record.error_code = end.code;
  } else {
    record.status = statusOf(end);
    record.error_code = end.code;
  }
  record.cache = cacheOf(record);
  if (record.attempts > 0) run.savedNanoUsd = 0;
  if (record.error_code !== undefined || record.status >= BAD_REQUEST) {
    run.sought?.lead?.end("lost");
  }
  meter(run);
  close(deps, run);
  ask.once?.settled(record);
  deps.telemetry.finished(record);
  if (record.attempts > 0 && record.status !== CLIENT_CLOSED) compare(deps, run);
};

/** Counts the request for its canary. What the gateway itself refused says nothing of either arm. */
const compare = (deps: Deps, { canary, record }: Run): void => {
  if (canary === undefined) return;
  const { arm, id, baseline, candidate } = canary;
  const brokeOff = record.status < BAD_REQUEST && record.error_code !== undefined;
  deps.canaries.finished({
    canary: { id, baseline, candidate },
    arm,
    ok: record.status < SERVER_ERROR && !brokeOff,
    ms: record.latency_ms ?? 0,
    costNanoUsd: record.cost_nano_usd,
    tokens: tokensOf(record.usage ?? {}),
  });
};

/** Ends a request that got no answer. Nobody hears what a caller who has left is told. */
export const refuse = (deps: Deps, run: Run, fail: Failure | "caller_left"): Reply => {
  settle(deps, run, fail);
  return {
    ok: false,
    failure: fail === "caller_left" ? failure("request_timeout") : fail,
    headers: toldHeaders(run, deps.clock.now()),
  };
};
