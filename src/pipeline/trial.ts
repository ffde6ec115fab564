/**
 * Decides: what one try is, and what can come of it.
 * Never: makes it.
 */
import type { Result } from "../base/result.ts";
import type { Secret } from "../base/secret.ts";
import { DIALECTS } from "../dialects/index.ts";
import type { ChatResponse } from "../domain/chat.ts";
import type { Target } from "../domain/target.ts";
import {
  classifyAnswer,
  classifyFault,
  type TransportFault,
  type Verdict,
} from "../policy/resilience/classify.ts";
import type { Deps, UpstreamAnswer } from "../ports.ts";
import type { FrameSource } from "./frame-source.ts";
import type { Heard } from "./heard.ts";
import type { Line } from "./line.ts";
import type { Prepared } from "./prepare.ts";
import type { Run } from "./run.ts";
import type { Watchdog } from "./watchdog.ts";

export type Trial = {
  readonly run: Run;
  readonly target: Target;
  readonly prepared: Prepared;
  readonly key: Secret | undefined;
  /** The caller's leaving, or another attempt's winning. */
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch at which the whole request must be over. */
  readonly totalAt: number;
  /** The way of a stream's frames to the caller. */
  readonly createLine: () => Line;
  /** Nothing is shown before the answer is complete. */
  readonly toTheEnd: boolean;
};

/** Told once, when it is known how the answer ended and what it used. */
export type Ended = (kind: "ok" | "fail" | "ignore", heard: Heard) => void;

export type Whole = {
  readonly kind: "whole";
  readonly text: string;
  readonly json: Record<string, unknown>;
  /** What it says, where that had to be read already. */
  readonly answer?: ChatResponse;
  readonly ended: Ended;
};
export type Live = {
  readonly kind: "live";
  readonly target: Target;
  readonly source: FrameSource;
  readonly line: Line;
  readonly watchdog: Watchdog;
  /** What was held back until now. */
  readonly opening: readonly Uint8Array[];
  /** The opening is all there is. */
  readonly complete: boolean;
  readonly ended: Ended;
};
export type Outcome = Result<Whole | Live, Verdict | "caller_left">;

/** What a try that ended without an answer means. */
export const broken = (watchdog: Watchdog, fault: TransportFault): Verdict | "caller_left" => {
  const cause = watchdog.cause();
  if (cause === "caller") return "caller_left";
  return classifyFault(cause === undefined ? fault : { fault: "timeout", phase: cause });
};

/** An error inside a stream has no status and no headers of its own. */
export const IN_BAND = { status: 200, headers: new Headers() };

/** `body`: the answer's JSON, as far as it is any. `inBand`: an error inside what calls itself a success. */
export const verdictOn = (
  deps: Deps,
  { run, target }: Pick<Trial, "run" | "target">,
  { status, headers }: Pick<UpstreamAnswer, "status" | "headers">,
  body: unknown,
  inBand: boolean,
): Verdict =>
  classifyAnswer({
    kind: target.kind,
    dialect: target.dialect,
    status,
    headers,
    error: DIALECTS[target.dialect].error.decode(body),
    body,
    inBand,
    now: deps.clock.now(),
    fields: run.ask.body.spans,
  });
