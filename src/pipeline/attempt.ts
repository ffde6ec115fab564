/**
 * Decides: how one try at one target goes: until there is an answer worth giving, or a verdict.
 * Never: tries again, and never lets a byte of a stream out before its first content.
 */

import { isRecord } from "../base/record.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { Secret } from "../base/secret.ts";
import type { Dialect } from "../dialects/dialect.ts";
import { DIALECTS } from "../dialects/index.ts";
import type { Target } from "../domain/target.ts";
import {
  classifyAnswer,
  classifyFault,
  type TransportFault,
  type Verdict,
} from "../policy/resilience/classify.ts";
import type { Deps, UpstreamAnswer } from "../ports.ts";
import { PROVIDERS } from "../providers/index.ts";
import { createFrameSource, type FrameSource, isEnd, type StreamEnd } from "./frame-source.ts";
import type { Line } from "./line.ts";
import { lineFor } from "./lines.ts";
import type { Prepared } from "./prepare.ts";
import { parseJson, readWhole } from "./read-whole.ts";
import type { Run } from "./run.ts";
import { send } from "./send.ts";
import { createWatchdog, type Watchdog } from "./watchdog.ts";

/** F23: what a compressed body may inflate to. */
const MAX_WHOLE_BYTES = 32 * 1024 * 1024;
/** Enough for any provider's error; the rest of a page is nobody's business. */
const MAX_ERROR_BYTES = 64 * 1024;
/** What is held back of a stream that has no content yet. */
const MAX_HELD_BYTES = 8 * 1024 * 1024;

/** An error inside a stream has no status and no headers of its own. */
const IN_BAND = { status: 200, headers: new Headers() };
const utf8 = new TextDecoder();

export type Trial = {
  readonly run: Run;
  readonly target: Target;
  readonly prepared: Prepared;
  readonly key: Secret | undefined;
  /** Milliseconds since the epoch at which the whole request must be over. */
  readonly totalAt: number;
};

export type Whole = {
  readonly kind: "whole";
  readonly text: string;
  readonly json: Record<string, unknown>;
};
export type Live = {
  readonly kind: "live";
  readonly source: FrameSource;
  readonly line: Line;
  readonly watchdog: Watchdog;
  /** What was held back until the first content. */
  readonly opening: readonly Uint8Array[];
};
export type Outcome = Result<Whole | Live, Verdict | "caller_left">;

/** How the provider speaks; the accent where it has one. */
export const speech = (target: Target): Dialect =>
  PROVIDERS[target.kind].accent ?? DIALECTS[target.dialect];

/** The field without which a 200 is no answer. */
const BEARING: Readonly<Record<string, readonly string[]>> = {
  "openai-chat": ["choices", "response", "tool_calls"],
  "anthropic-messages": ["content"],
  gemini: ["candidates", "promptFeedback"],
};

export const attempt = async (deps: Deps, trial: Trial): Promise<Outcome> => {
  const { run, target } = trial;
  const watchdog = createWatchdog(deps.clock, run.ask.signal, trial.totalAt);
  const begun = deps.clock.now();
  watchdog.watch(
    run.stream ? "headers" : "response",
    run.stream ? target.timeouts.headers_ms : target.timeouts.response_ms,
  );
  const sent = await send(
    deps,
    {
      target,
      operation: run.operation,
      stream: run.stream,
      body: trial.prepared.body,
      key: trial.key,
      forward: run.ask.forward,
    },
    watchdog.signal,
  );
  const outcome = sent.ok
    ? await judge(deps, trial, sent.value, watchdog, begun)
    : err(broken(watchdog, sent.error));
  if (!outcome.ok) watchdog.close();
  else if (outcome.value.kind === "whole") watchdog.rest();
  return outcome;
};

const broken = (watchdog: Watchdog, fault: TransportFault): Verdict | "caller_left" => {
  const cause = watchdog.cause();
  if (cause === "caller") return "caller_left";
  return classifyFault(cause === undefined ? fault : { fault: "timeout", phase: cause });
};

const judge = async (
  deps: Deps,
  trial: Trial,
  answer: UpstreamAnswer,
  watchdog: Watchdog,
  begun: number,
): Promise<Outcome> => {
  const { status, headers } = answer;
  const type = headers.get("content-type") ?? "";
  if (status !== 200) {
    if (status >= 200 && status < 400) return err(classifyFault({ fault: "invalid" }));
    return refusal(deps, trial, answer, watchdog);
  }
  if (trial.run.stream && type.includes("text/event-stream") && answer.body !== null) {
    watchdog.watch(
      "first_token",
      Math.max(0, trial.target.timeouts.first_token_ms - (deps.clock.now() - begun)),
    );
    return hold(deps, trial, answer.body, watchdog);
  }
  watchdog.watch("response", trial.target.timeouts.response_ms);
  return whole(deps, trial, answer, type, watchdog);
};

/** An answer that is not a 200. */
const refusal = async (
  deps: Deps,
  trial: Trial,
  answer: UpstreamAnswer,
  watchdog: Watchdog,
): Promise<Outcome> => {
  const text = await readWhole(answer, MAX_ERROR_BYTES);
  if (watchdog.cause() === "caller") return err("caller_left");
  const body = typeof text === "string" ? parseJson(text) : undefined;
  return err(verdictOn(deps, trial, answer, body, false));
};

const verdictOn = (
  deps: Deps,
  { run, target }: Trial,
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

const whole = async (
  deps: Deps,
  trial: Trial,
  answer: UpstreamAnswer,
  type: string,
  watchdog: Watchdog,
): Promise<Outcome> => {
  const { run, target } = trial;
  const text = await readWhole(answer, MAX_WHOLE_BYTES);
  if (typeof text !== "string") {
    return err(broken(watchdog, { fault: text.fault === "cut" ? "truncated" : "invalid" }));
  }
  const json = type === "" || type.includes("json") ? parseJson(text) : undefined;
  if (DIALECTS[target.dialect].error.decode(json) !== undefined) {
    return err(verdictOn(deps, trial, answer, json, true));
  }
  const bearing = run.operation === "chat" ? BEARING[target.dialect] : undefined;
  const bears = isRecord(json) && (bearing?.some((field) => field in json) ?? true);
  // A stream was asked for: one whole body instead is an answer that nobody can relay event by event.
  if (!bears || run.stream) return err(classifyFault({ fault: "invalid" }));
  return ok({ kind: "whole", text, json });
};

/** Reads on until something can be shown; every fault up to there is invisible to the caller. */
const hold = async (
  deps: Deps,
  trial: Trial,
  body: ReadableStream<Uint8Array>,
  watchdog: Watchdog,
): Promise<Outcome> => {
  const source = createFrameSource(body, watchdog);
  const line = lineFor(
    trial.run,
    trial.target,
    trial.prepared,
    speech(trial.target),
    deps.clock.now(),
  );
  const { facts } = line;
  const opening: Uint8Array[] = [];
  let held = 0;
  while (!facts.content && !facts.finished) {
    const batch = await source.next();
    if (isEnd(batch)) return err(endVerdict(deps, trial, watchdog, batch));
    for (const piece of line.take(batch)) {
      opening.push(piece);
      held += piece.byteLength;
    }
    if (facts.error !== undefined) {
      source.cancel();
      return err(verdictOn(deps, trial, IN_BAND, facts.error, true));
    }
    if (held > MAX_HELD_BYTES || (facts.ended && !facts.finished)) {
      source.cancel();
      return err(classifyFault({ fault: "invalid" }));
    }
  }
  watchdog.watch("idle", trial.target.timeouts.idle_ms);
  return ok({ kind: "live", source, line, watchdog, opening });
};

const endVerdict = (
  deps: Deps,
  trial: Trial,
  watchdog: Watchdog,
  end: StreamEnd,
): Verdict | "caller_left" => {
  switch (end.end) {
    case "caller":
      return "caller_left";
    case "overflow":
      return classifyFault({ fault: "invalid" });
    case "timeout":
      return broken(watchdog, { fault: "timeout", phase: end.phase });
    case "cut":
      return classifyFault({ fault: "truncated" });
    case "eof": {
      // Gemini may close a stream with an error that is not framed as an event.
      const rest = end.rest === undefined ? undefined : parseJson(utf8.decode(end.rest));
      return DIALECTS[trial.target.dialect].error.decode(rest) === undefined
        ? classifyFault({ fault: "truncated" })
        : verdictOn(deps, trial, IN_BAND, rest, true);
    }
  }
};
