/**
 * Decides: what the gateway tells of a request in headers, as far as the facts are known by then.
 * Never: tells how much other keys have used.
 */
import { formatUsd } from "../base/money.ts";
import type { Nearness } from "../policy/limits/admission.ts";
import { isGiven, type Run } from "./run.ts";

export const STREAM_TYPE = { "content-type": "text/event-stream; charset=utf-8" } as const;

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** As OpenAI writes a time: `6m0s`, `1h0m0s`, `20ms`. */
const spanOf = (ms: number): string => {
  if (ms < SECOND) return `${Math.ceil(ms)}ms`;
  const seconds = Math.ceil(ms / SECOND);
  const whole = seconds * SECOND;
  const hours = Math.floor(whole / HOUR);
  const minutes = Math.floor((whole % HOUR) / MINUTE);
  const rest = `${seconds % 60}s`;
  if (hours > 0) return `${hours}h${minutes}m${rest}`;
  return minutes > 0 ? `${minutes}m${rest}` : rest;
};

const rateHeaders = (
  headers: Record<string, string>,
  unit: "requests" | "tokens",
  near: Nearness | undefined,
): void => {
  if (near === undefined) return;
  headers[`x-ratelimit-limit-${unit}`] = String(near.limit);
  headers[`x-ratelimit-remaining-${unit}`] = String(Math.max(0, Math.floor(near.remaining)));
  headers[`x-ratelimit-reset-${unit}`] = spanOf(near.resetMs);
};

const timingOf = ({ ask, admitMs, cacheMs, askedAt }: Run, now: number): string => {
  const timing = [`auth;dur=${ask.authMs}`];
  if (admitMs !== undefined) timing.push(`admit;dur=${admitMs}`);
  // A request that passes the cache by has spent no time on it, and whoever adds up finds every stage.
  const looked = cacheMs ?? (askedAt === undefined ? undefined : 0);
  if (looked !== undefined) timing.push(`cache;dur=${looked}`);
  if (askedAt !== undefined) {
    const route = Math.max(0, askedAt - ask.at - ask.authMs - (admitMs ?? 0));
    timing.push(`route;dur=${route}`, `upstream;dur=${now - askedAt}`);
  }
  return timing.join(", ");
};

/** `now`: milliseconds since the epoch. */
export const toldHeaders = (run: Run, now: number): Record<string, string> => {
  const { record, permit, nearness } = run;
  const headers: Record<string, string> = {
    "x-headgate-route": record.route,
    "x-headgate-attempts": String(record.attempts),
    "x-headgate-cache": record.cache,
    "server-timing": timingOf(run, now),
  };
  if (record.model !== undefined) headers["x-headgate-model"] = record.model;
  if (record.provider !== undefined) headers["x-headgate-provider"] = record.provider;
  if (record.fallback_from !== undefined)
    headers["x-headgate-fallback-from"] = record.fallback_from;
  // As it comes from an equal request; of a kept answer replay.ts knows better.
  if (isGiven(record)) headers["age"] = "0";
  if (run.similarity !== undefined) headers["x-headgate-similarity"] = run.similarity.toFixed(2);
  if (run.dropped.length > 0) headers["x-headgate-dropped"] = run.dropped.join(", ");
  if (record.cost_nano_usd !== undefined && !run.stream) {
    headers["x-headgate-cost-usd"] = formatUsd(record.cost_nano_usd);
  }
  rateHeaders(headers, "requests", permit?.granted.requests ?? nearness.requests);
  rateHeaders(headers, "tokens", permit?.granted.tokens ?? nearness.tokens);
  if (permit?.granted.warning !== undefined) {
    headers["x-headgate-budget-warning"] = permit.granted.warning;
  }
  return headers;
};
