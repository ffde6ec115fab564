/**
 * Decides: what one request carries with it from stage to stage.
 * Never: outlives the request.
 */

import type { RequestRecord } from "../domain/record.ts";
import type { Target } from "../domain/target.ts";
import type { Nearness } from "../policy/limits/admission.ts";
import { type Sizes, sizesOf } from "../policy/limits/sizes.ts";
import type { Judge } from "../policy/routing/asked.ts";
import { type Reading, readingOf } from "../policy/routing/request/reading.ts";
import type { CanaryDefinition } from "../policy/view/canary.ts";
import type { Operation } from "../providers/provider.ts";
import type { Ask } from "./ask.ts";
import { type Bill, emptyBill } from "./bill.ts";
import type { Permit } from "./permit.ts";
import { type Canonical, canonicalOf, type OutputCap, wantsStream } from "./prepare.ts";
import type { Sought } from "./sought.ts";
import { noUpstreamTime, type UpstreamTime } from "./upstream-time.ts";

export type Run = {
  /** Its signal lasts while others follow. */
  ask: Ask;
  /** Aborts when the caller himself leaves. */
  readonly caller: AbortSignal;
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
  /** What its attempts came to. */
  readonly bill: Bill;
  /**
   * The body as routing and estimates see it, and how large it can be: read when somebody first asks. It is
   * larger for whom it asks to go on with an answer.
   */
  readonly reading: Reading;
  sizes: () => Sizes;
  /** Set by its admission. */
  permit: Permit | undefined;
  readonly capOf: (target: Target) => OutputCap;
  /** What says how hard the task is; undefined where no route asks. */
  judge: Judge | undefined;
  /** How near a limit the request came; told in headers. */
  nearness: { readonly requests?: Nearness; readonly tokens?: Nearness };
  /** It has ended, and everybody was told. */
  isSettled: boolean;
  /** The account has counted the refusal itself; and the limit that has refused it, as tallies name it. */
  isTallied: boolean;
  deniedBy: string | undefined;
  /** Milliseconds that admission took; and the time that was spent waiting for providers. */
  admitMs: number | undefined;
  readonly upstreamTime: UpstreamTime;
  /** Of the prompt, for those who have to match it without having it; there once it is `marked`, which asks nobody. */
  promptHash: string | undefined;
  marked: Promise<void> | undefined;
  /** Its look for a kept answer, where it may be given one; what that took in milliseconds, and what it saved. */
  sought: Sought | undefined;
  cacheMs: number | undefined;
  savedNanoUsd: number;
  /** How alike the turn is to the one whose answer was given, −1..1. */
  similarity: number | undefined;
};

/** Whether it was answered with what somebody else has paid for. */
export const isGiven = ({ cache, attempts }: RequestRecord): boolean =>
  (cache === "hit" || cache === "semantic") && attempts === 0;

/** Whoever had to go on by himself after all was not. */
export const cacheOf = (record: RequestRecord): RequestRecord["cache"] =>
  record.cache === "hit" && record.attempts > 0 ? "miss" : record.cache;

const sizesFor = (ask: Ask, reading: Reading, canonical: Canonical): (() => Sizes) => {
  let sizes: Sizes | undefined;
  return () => {
    const { endpoint, dialect, body } = ask;
    sizes ??= sizesOf({ endpoint, dialect, body, reading, canonical });
    return sizes;
  };
};

/** `configVersion`: of the configuration that holds for the request from start to end. */
export const begin = (ask: Ask, operation: Operation, configVersion: number): Run => {
  const canonical = canonicalOf(ask);
  const reading = readingOf(ask.dialect, ask.body.value);
  const run: Run = {
    ask,
    caller: ask.signal,
    operation,
    stream: operation === "chat" && wantsStream(ask),
    canonical,
    reading,
    sizes: sizesFor(ask, reading, canonical),
    bill: emptyBill(),
    permit: undefined,
    capOf: ({ model }) => run.permit?.holds.get(model)?.outputCap,
    judge: undefined,
    nearness: {},
    isSettled: false,
    isTallied: false,
    deniedBy: undefined,
    admitMs: undefined,
    upstreamTime: noUpstreamTime(),
    promptHash: undefined,
    marked: undefined,
    sought: undefined,
    cacheMs: undefined,
    savedNanoUsd: 0,
    similarity: undefined,
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
      shadow: [],
      cache: "off",
      config_version: configVersion,
    },
  };
  return run;
};
