/**
 * Decides: what one request carries with it from stage to stage.
 * Never: outlives the request.
 */

import { formatUsd } from "../base/money.ts";
import type { RequestRecord } from "../domain/record.ts";
import type { Target } from "../domain/target.ts";
import type { Usage } from "../domain/usage.ts";
import { costOf } from "../policy/usage/cost.ts";
import type { CanaryDefinition } from "../policy/view/canary.ts";
import type { Operation } from "../providers/provider.ts";
import type { Ask } from "./ask.ts";
import { type Canonical, canonicalOf, wantsStream } from "./prepare.ts";

export type Run = {
  readonly ask: Ask;
  readonly operation: Operation;
  readonly stream: boolean;
  readonly record: RequestRecord;
  readonly canonical: Canonical;
  /** Hints that the serving target could not be given. */
  dropped: readonly string[];
  /** Milliseconds since the epoch: when the first upstream was asked. */
  askedAt: number | undefined;
  /** The canary that the request is in, by the configuration that it began with. */
  canary: (CanaryDefinition & { readonly arm: "baseline" | "candidate" }) | undefined;
  /** The headers have left before all facts were known: the last event has to tell them. */
  mustTell: boolean;
  /** Where the answer was gone on with; `at_chars` counts the text that the caller had by then. */
  recovered: { readonly from: string; readonly to: string; readonly at_chars: number } | undefined;
};

export const begin = (ask: Ask, operation: Operation, configVersion: number): Run => ({
  ask,
  operation,
  stream: operation === "chat" && wantsStream(ask),
  canonical: canonicalOf(ask),
  dropped: [],
  askedAt: undefined,
  canary: undefined,
  mustTell: false,
  recovered: undefined,
  record: {
    request_id: ask.requestId,
    client_request_id: ask.clientRequestId,
    at: ask.at,
    endpoint: ask.endpoint,
    org: ask.caller.org,
    team: ask.caller.team,
    user: ask.controls.user ?? ask.caller.user,
    key: ask.caller.key,
    tags: ask.controls.tags,
    requested_model: undefined,
    model: undefined,
    upstream_model: undefined,
    provider: undefined,
    route: "direct",
    canary: undefined,
    status: 200,
    error_code: undefined,
    stream: operation === "chat" && wantsStream(ask),
    usage: undefined,
    estimated: false,
    cost_nano_usd: undefined,
    latency_ms: undefined,
    first_token_ms: undefined,
    attempts: 0,
    fallback_from: undefined,
    config_version: configVersion,
  },
});

/** Usage and what it costs at the serving target. */
export const meter = (record: RequestRecord, target: Target, usage: Usage | undefined): void => {
  record.usage = usage;
  record.cost_nano_usd =
    usage === undefined || target.price === undefined ? undefined : costOf(target.price, usage);
};

/** The gateway's own headers, as far as the facts are known by now. `now`: milliseconds since the epoch. */
export const toldHeaders = (run: Run, now: number): Record<string, string> => {
  const { record, ask } = run;
  const headers: Record<string, string> = {
    "x-headgate-route": record.route,
    "x-headgate-attempts": String(record.attempts),
    "x-headgate-cache": "off",
  };
  if (record.model !== undefined) headers["x-headgate-model"] = record.model;
  if (record.provider !== undefined) headers["x-headgate-provider"] = record.provider;
  if (record.fallback_from !== undefined)
    headers["x-headgate-fallback-from"] = record.fallback_from;
  if (run.dropped.length > 0) headers["x-headgate-dropped"] = run.dropped.join(", ");
  if (record.cost_nano_usd !== undefined && !run.stream) {
    headers["x-headgate-cost-usd"] = formatUsd(record.cost_nano_usd);
  }
  const timing = [`auth;dur=${ask.authMs}`];
  if (run.askedAt !== undefined) {
    timing.push(
      `route;dur=${run.askedAt - ask.at - ask.authMs}`,
      `upstream;dur=${now - run.askedAt}`,
    );
  }
  headers["server-timing"] = timing.join(", ");
  return headers;
};
