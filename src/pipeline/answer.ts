/**
 * Decides: what the caller gets of an attempt that succeeded: a whole body, or a stream that goes on.
 * Never: waits for a stream's end before the answer begins.
 */
import { ok } from "../base/result.ts";
import type { ChatResponse } from "../domain/chat.ts";
import { failure } from "../domain/error.ts";
import type { Deps } from "../ports.ts";
import type { Reply } from "./ask.ts";
import type { Called } from "./call.ts";
import { brokenOffByBug } from "./ended-by-bug.ts";
import { errorFrame } from "./failure-text.ts";
import { heardWhole } from "./heard.ts";
import { keep, madeOfStream, madeOfWhole, passes } from "./keep.ts";
import { lastingSink } from "./lasting.ts";
import { progressOf } from "./progress.ts";
import { relay } from "./relay.ts";
import { createResume, type Resuming } from "./resume.ts";
import { isGiven, type Run } from "./run.ts";
import { refuse, settle } from "./settled.ts";
import { speech } from "./speech.ts";
import { STREAM_TYPE, toldHeaders } from "./told-headers.ts";
import type { Live, Whole } from "./trial.ts";
import { named, writeWhole } from "./write-answer.ts";

const wholeReply = (deps: Deps, run: Run, called: Called, whole: Whole): Reply => {
  const { ask, record } = run;
  const { text, json, ended } = whole;
  const dialect = speech(called.target);
  const reply = (body: string, answer: () => ChatResponse | undefined): Reply => {
    const { passes, dropped } = called.prepared;
    const shown = { kind: "whole", text, json } as const;
    // What another is given was shown as it came.
    const isOwn = !isGiven(record);
    if (isOwn) run.sought?.lead?.show({ target: called.target, passes, dropped, answer: shown });
    settle(deps, run, { end: "whole" });
    keep(deps, run, () => madeOfWhole(body, answer()));
    const headers = toldHeaders(run, deps.clock.now());
    return {
      ok: true,
      status: 200,
      headers: { ...headers, "content-type": "application/json" },
      body,
    };
  };
  ended("ok", heardWhole(dialect, json));
  if (called.prepared.passes) {
    record.upstream_model = typeof json["model"] === "string" ? json["model"] : undefined;
    return reply(text, () => {
      const decoded = dialect.response.decode(json);
      return decoded.ok ? decoded.value : undefined;
    });
  }
  // What comes of an equal request was read for that one.
  const decoded = whole.answer === undefined ? dialect.response.decode(json) : ok(whole.answer);
  if (!decoded.ok) return refuse(deps, run, failure("upstream_invalid"));
  record.upstream_model = decoded.value.model;
  const answer = named(decoded.value, called.target);
  return reply(writeWhole(ask, answer, called.target.dialect, deps.clock.now()), () => answer);
};

/** Lets a live answer run to its end into `writer`, and settles the request. Never rejects. */
export const pour = async (
  deps: Deps,
  run: Run,
  live: Live,
  writer: WritableStreamDefaultWriter<Uint8Array>,
  resuming: Resuming,
): Promise<void> => {
  try {
    run.record.first_token_ms = deps.clock.now() - run.record.at;
    const { sought } = run;
    const { target, line } = live;
    const shown = { kind: "live", frames: line.frames } as const;
    const isOwn = !isGiven(run.record);
    const lead = sought?.lead;
    if (isOwn)
      lead?.show({ target, passes: passes(run, target), dropped: run.dropped, answer: shown });
    const resume = createResume(deps, run, resuming);
    const progress = progressOf(deps, run);
    const sink = lead && lastingSink(writer, run.caller, lead);
    const { end, live: last } = await relay({
      clock: deps.clock,
      live,
      writer: sink ?? writer,
      errorFrame: (fail) => errorFrame(run.ask, fail),
      resume,
      progress: (events) => {
        sought?.lead?.stir();
        progress(events);
      },
    });
    run.record.upstream_model = last.line.facts.model;
    const isWhole = end.end === "whole";
    // Those who follow have all of it, though he does not.
    const hasLeft = sink?.hasLeft() === true;
    if (isWhole && hasLeft) sought?.lead?.end("over");
    settle(deps, run, hasLeft ? "caller_left" : end);
    if (!isWhole) sought?.lead?.end("lost");
    else {
      keep(deps, run, () => madeOfStream(run, last, deps.clock.now()));
      await last.source.rest();
    }
  } catch {
    await brokenOffByBug(deps, run, writer);
  }
};

const liveReply = (deps: Deps, run: Run, live: Live, resuming: Resuming): Reply => {
  const pipe = deps.createPipe();
  deps.background(pour(deps, run, live, pipe.writable.getWriter(), resuming));
  const headers = { ...toldHeaders(run, deps.clock.now()), ...STREAM_TYPE };
  return { ok: true, status: 200, headers, body: pipe.readable };
};

/** The reply, at once: a whole body, or a stream that goes on behind it. */
export const answered = (
  deps: Deps,
  run: Run,
  called: Called,
  resuming: Omit<Resuming, "unasked">,
): Reply => {
  run.dropped = called.prepared.dropped;
  const { answer, unasked } = called;
  return answer.kind === "whole"
    ? wholeReply(deps, run, called, answer)
    : liveReply(deps, run, answer, { ...resuming, unasked });
};
