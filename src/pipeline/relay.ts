/**
 * Decides: how a committed stream reaches the caller, and how it ends: whole, or with an error that
 * says that it is not.
 * Never: ends a broken answer as if it were a success.
 */
import type { Clock } from "../base/clock.ts";
import { type ErrorCode, failure } from "../domain/error.ts";
import type { Live } from "./attempt.ts";
import { isEnd, type StreamEnd } from "./frame-source.ts";
import { createOutflow } from "./outflow.ts";

/** After the finish reason only usage and the terminal mark may follow; nobody waits longer for them. */
const CODA_MS = 2_000;

export type RelayEnd =
  | { readonly end: "whole" }
  | { readonly end: "caller_left" }
  | { readonly end: "broken"; readonly code: ErrorCode; readonly phase: string | undefined };

export type Relaying = {
  readonly clock: Clock;
  readonly live: Live;
  readonly writable: WritableStream<Uint8Array>;
  /** The dialect's in-band error, as whole frames. */
  readonly errorFrame: (fail: ReturnType<typeof failure>) => Uint8Array;
};

const brokenBy = (end: StreamEnd): RelayEnd => {
  if (end.end === "caller") return { end: "caller_left" };
  const phase = end.end === "timeout" ? end.phase : undefined;
  const code = end.end === "overflow" ? "upstream_invalid" : "stream_interrupted";
  return { end: "broken", code, phase };
};

const isGood = (live: Live, end: StreamEnd): boolean =>
  live.line.facts.finished &&
  live.line.facts.error === undefined &&
  (end.end === "eof" || end.end === "cut" || (end.end === "timeout" && end.phase === "idle"));

export const relay = async ({ clock, live, writable, errorFrame }: Relaying): Promise<RelayEnd> => {
  const { line, source, watchdog } = live;
  const { facts } = line;
  const writer = writable.getWriter();
  let events = facts.events;
  let closing = false;

  const outflow = createOutflow(writer, clock, watchdog);
  // A write that waits for a caller who is gone would wait for ever.
  watchdog.signal.addEventListener("abort", () => {
    if (watchdog.cause() === "caller") writer.abort().catch(() => {});
  });

  const pump = async (): Promise<RelayEnd> => {
    await outflow.put(live.opening);
    for (;;) {
      if (facts.error !== undefined) {
        return { end: "broken", code: "stream_interrupted", phase: undefined };
      }
      if (facts.ended) return { end: "whole" };
      if (facts.finished && !closing) {
        closing = true;
        watchdog.watch("idle", CODA_MS);
      }
      const batch = await source.next();
      if (isEnd(batch)) {
        // What the end adds may be the finish itself: Gemini has no terminal mark.
        const last = batch.end === "eof" ? line.finish() : [];
        if (isGood(live, batch)) {
          await outflow.put(batch.end === "eof" ? last : line.finish());
          return { end: "whole" };
        }
        return brokenBy(batch);
      }
      const full = outflow.put(line.take(batch));
      if (full !== undefined) await full;
      if (facts.events !== events) {
        events = facts.events;
        watchdog.touch();
      }
    }
  };

  let end: RelayEnd;
  try {
    end = await pump();
    if (end.end === "broken") {
      const details = end.phase === undefined ? {} : { details: { phase: end.phase } };
      await outflow.put([errorFrame(failure(end.code, details))]);
    }
    if (end.end === "caller_left") await writer.abort();
    else {
      await outflow.flush();
      await writer.close();
    }
  } catch {
    // Writing fails only when nobody reads any more.
    end = { end: "caller_left" };
  } finally {
    source.cancel();
  }
  return end;
};
