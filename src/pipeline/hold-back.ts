/**
 * Decides: how long a stream is held back: until its first content, or its end where the caller wants
 * only whole answers. Every fault up to there is invisible.
 * Never: lets a byte out.
 */
import { err, ok } from "../base/result.ts";
import { DIALECTS } from "../dialects/index.ts";
import { classifyFault, type Verdict } from "../policy/resilience/classify.ts";
import type { Deps } from "../ports.ts";
import { CODA_MS, type FrameSource, isEnd, type StreamEnd } from "./frame-source.ts";
import { type Heard, heardOf } from "./heard.ts";
import type { Facts } from "./line.ts";
import { parseJson } from "./read-whole.ts";
import { broken, IN_BAND, type Outcome, type Trial, verdictOn } from "./trial.ts";
import type { Watchdog } from "./watchdog.ts";

/** Bytes. As much as one event may have; an answer that is held to its end may be as long as a whole one. */
const MAX_HELD_BYTES = 8 * 1024 * 1024;
const MAX_HELD_TO_END = 32 * 1024 * 1024;

const utf8 = new TextDecoder();

/** Whether a stream that ended like this was a whole answer. */
export const isGood = (facts: Facts, end: StreamEnd): boolean =>
  facts.finished &&
  facts.error === undefined &&
  (end.end === "eof" || end.end === "cut" || (end.end === "timeout" && end.phase === "idle"));

/** `lost`: told of an answer that had begun and that nobody is going to see the end of: it is paid. */
export type Holding = Trial & { readonly lost: (heard: Heard) => void };

/** A stream from its first content on, or all of it where it is held to its end; else a verdict. */
export const holdBack = async (
  deps: Deps,
  trial: Holding,
  source: FrameSource,
  watchdog: Watchdog,
): Promise<Outcome> => {
  const { target, toTheEnd } = trial;
  const line = trial.createLine();
  const { facts } = line;
  const opening: Uint8Array[] = [];
  let held = 0;
  let phase: "first_token" | "idle" | "coda" = "first_token";

  const keep = (pieces: readonly Uint8Array[]): void => {
    for (const piece of pieces) {
      opening.push(piece);
      held += piece.byteLength;
    }
  };
  const refuse = (verdict: Verdict | "caller_left"): Outcome => {
    source.cancel();
    if (facts.begun) trial.lost(heardOf(line));
    return err(verdict);
  };
  const isDone = (): boolean =>
    facts.ended || (!toTheEnd && (facts.content || (facts.finished && !facts.diverged)));
  const mind = (): void => {
    if (facts.finished && phase !== "coda") {
      phase = "coda";
      watchdog.watch("idle", CODA_MS);
    } else if (facts.begun && phase === "first_token") {
      phase = "idle";
      watchdog.watch("idle", target.timeouts.idle_ms);
    } else if (phase !== "first_token") watchdog.touch();
  };

  while (!isDone()) {
    const batch = await source.next();
    if (isEnd(batch)) {
      if (batch.end === "eof") keep(line.finish());
      if (!isGood(facts, batch)) return refuse(endVerdict(deps, trial, watchdog, batch));
      if (batch.end !== "eof") keep(line.finish());
      break;
    }
    const { events } = facts;
    keep(line.take(batch));
    if (facts.error !== undefined) {
      return refuse(verdictOn(deps, trial, IN_BAND, facts.error, true));
    }
    if (facts.diverged) {
      return refuse({ ...classifyFault({ fault: "invalid" }), breaker: "ignore" });
    }
    const tooMuch = held > (toTheEnd ? MAX_HELD_TO_END : MAX_HELD_BYTES);
    if (tooMuch || (facts.ended && !facts.finished && !facts.begun)) {
      return refuse(classifyFault({ fault: "invalid" }));
    }
    if (facts.events !== events) mind();
  }
  watchdog.watch("idle", target.timeouts.idle_ms);
  const live = { kind: "live", target, source, line, watchdog, opening } as const;
  return ok({ ...live, complete: toTheEnd, ended: () => {} });
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
