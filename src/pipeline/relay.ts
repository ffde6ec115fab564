/**
 * Decides: how a committed stream reaches the caller, and how it ends: whole – by another answer that
 * goes on where it broke off, if need be – or with an error that says that it is not.
 * Never: ends a broken answer as if it were a success.
 */
import type { Clock } from "../base/clock.ts";
import { type ErrorCode, type Failure, failure } from "../domain/error.ts";
import { CODA_MS, isEnd, type StreamEnd } from "./frame-source.ts";
import { heardOf } from "./heard.ts";
import { isGood } from "./hold-back.ts";
import { createOutflow, type Outflow, type Sink } from "./outflow.ts";
import type { Live } from "./trial.ts";

export type Broken = {
  readonly end: "broken";
  readonly code: ErrorCode;
  readonly phase: string | undefined;
};
export type RelayEnd = { readonly end: "whole" } | { readonly end: "caller_left" } | Broken;

/** What goes on for a stream that broke off, with what has to be said before it. */
export type Resumed = { readonly live: Live; readonly prelude: readonly Uint8Array[] };

export type Relaying = {
  readonly clock: Clock;
  readonly live: Live;
  readonly writer: Sink;
  /** The dialect's in-band error, as whole frames. */
  readonly errorFrame: (fail: Failure) => Uint8Array;
  /** Finds an answer that goes on; undefined when there is none. */
  readonly resume: (live: Live, broken: Broken) => Promise<Resumed | undefined>;
  /** Told now and then how many events have passed. */
  readonly progress: (events: number) => void;
};

const brokenBy = (end: StreamEnd): RelayEnd => {
  if (end.end === "caller") return { end: "caller_left" };
  const phase = end.end === "timeout" ? end.phase : undefined;
  const code = end.end === "overflow" ? "upstream_invalid" : "stream_interrupted";
  return { end: "broken", code, phase };
};

/** A promise where the caller takes no more for now. A write that waits for one who is gone would wait for ever. */
const put = (
  outflow: Outflow,
  pieces: readonly Uint8Array[],
  gone: Promise<never>,
): Promise<void> | undefined => {
  const full = outflow.put(pieces);
  return full && Promise.race([full, gone]);
};

/** One attempt's frames to their end. */
const pump = async (
  live: Live,
  outflow: Outflow,
  gone: Promise<never>,
  progress: Relaying["progress"],
): Promise<RelayEnd> => {
  const { line, source, watchdog } = live;
  const { facts } = line;
  let { events } = facts;
  let closing = false;
  await put(outflow, live.opening, gone);
  if (live.complete) return { end: "whole" };
  for (;;) {
    if (facts.error !== undefined || facts.diverged) {
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
      if (!isGood(facts, batch)) return brokenBy(batch);
      await put(outflow, batch.end === "eof" ? last : line.finish(), gone);
      return { end: "whole" };
    }
    const full = put(outflow, line.take(batch), gone);
    if (full !== undefined) await full;
    if (facts.events !== events) {
      events = facts.events;
      progress(events);
      watchdog.touch();
    }
  }
};

/** The end, and the attempt that brought it about: after a whole one its source still has to `rest`. */
export const relay = async (
  relaying: Relaying,
): Promise<{ readonly end: RelayEnd; readonly live: Live }> => {
  const { clock, writer, errorFrame, resume, progress } = relaying;
  let { live } = relaying;
  const outflow = createOutflow(writer, clock, () => live.watchdog);
  let leave = (): void => {};
  const gone = new Promise<never>((_, reject) => {
    leave = () => reject(new Error("the caller has left"));
  });
  gone.catch(() => {});
  const follow = ({ watchdog }: Live): void =>
    watchdog.signal.addEventListener("abort", () => {
      if (watchdog.cause() !== "caller") return;
      writer.abort().catch(() => {});
      leave();
    });

  let end: RelayEnd;
  let isOpen = true;
  try {
    follow(live);
    end = await pump(live, outflow, gone, progress);
    while (end.end === "broken") {
      isOpen = false;
      live.ended("fail", heardOf(live.line));
      live.source.cancel();
      const resumed = await resume(live, end);
      if (resumed === undefined) break;
      live = resumed.live;
      isOpen = true;
      follow(live);
      await put(outflow, resumed.prelude, gone);
      end = await pump(live, outflow, gone, progress);
    }
  } catch {
    // A bug, or nobody reads any more: then telling him fails, too.
    end = { end: "broken", code: "internal_error", phase: undefined };
  }
  try {
    if (end.end === "broken") {
      const details = end.phase === undefined ? {} : { details: { phase: end.phase } };
      await put(outflow, [errorFrame(failure(end.code, details))], gone);
    }
    if (end.end === "caller_left") writer.abort().catch(() => {});
    else {
      await Promise.race([outflow.flush(), gone]);
      await Promise.race([writer.close(), gone]);
    }
  } catch {
    end = { end: "caller_left" };
  }
  // What is whole is read to the end of its connection, when everybody has been told (answer.ts).
  if (end.end !== "whole") live.source.cancel();
  if (isOpen) live.ended(end.end === "whole" ? "ok" : "ignore", heardOf(live.line));
  return { end, live };
};
