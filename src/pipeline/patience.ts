/**
 * Decides: when a caller who waits for a stream is given a sign of life before there is an answer.
 * Never: gives up a status code that could still be told: the headers leave only when it is time.
 */

import { err } from "../base/result.ts";
import { failure } from "../domain/error.ts";
import type { Deps } from "../ports.ts";
import { pour } from "./answer.ts";
import type { Reply } from "./ask.ts";
import type { CallOutcome } from "./call.ts";
import { errorFrame } from "./failure-text.ts";
import type { Resuming } from "./resume.ts";
import type { Run } from "./run.ts";
import { settle } from "./settled.ts";
import { STREAM_TYPE, toldHeaders } from "./told-headers.ts";

/** Milliseconds between two comments. */
const BEAT_MS = 15_000;
/** Milliseconds until the headers leave: long where the answer may come any moment. */
const PATIENT_MS = 60_000;
const KEEP_ALIVE = new TextEncoder().encode(": keep-alive\n\n");

/** The headers and a comment now and then, until the call is over; then the answer, or why there is none. */
const answeredEarly = (
  deps: Deps,
  run: Run,
  calling: Promise<CallOutcome>,
  resuming: Omit<Resuming, "unasked">,
): Reply => {
  run.mustTell = true;
  const pipe = deps.createPipe();
  const writer = pipe.writable.getWriter();
  let cancel = (): void => {};
  const beat = (): void => {
    writer.write(KEEP_ALIVE).catch(() => {});
    cancel = deps.clock.after(BEAT_MS, beat);
  };
  const finish = async (): Promise<void> => {
    const called = await calling.catch(() => err(failure("internal_error")));
    cancel();
    const { answer, unasked } = called.ok ? called.value : {};
    if (answer?.kind === "live" && unasked !== undefined) {
      return pour(deps, run, answer, writer, { ...resuming, unasked });
    }
    const fail = called.ok ? failure("upstream_invalid") : called.error;
    settle(deps, run, fail);
    const told =
      fail === "caller_left"
        ? writer.abort()
        : writer.write(errorFrame(run.ask, fail)).then(() => writer.close());
    // Whether or not anybody is there to hear it, the request has ended.
    await told.catch(() => {});
  };
  beat();
  deps.background(finish());
  const headers = { ...toldHeaders(run, deps.clock.now()), ...STREAM_TYPE };
  return { ok: true, status: 200, headers, body: pipe.readable };
};

/** The outcome of the call, or an answer that begins without it because it takes too long. */
export const withPatience = async (
  deps: Deps,
  run: Run,
  calling: Promise<CallOutcome>,
  resuming: Omit<Resuming, "unasked">,
): Promise<CallOutcome | Reply> => {
  if (!run.stream) return calling;
  const wait = resuming.mode === "hold" ? BEAT_MS : PATIENT_MS;
  return new Promise((resolve, reject) => {
    const cancel = deps.clock.after(wait, () =>
      resolve(answeredEarly(deps, run, calling, resuming)),
    );
    calling.then(resolve, reject).finally(cancel);
  });
};

export const isReply = (value: CallOutcome | Reply): value is Reply => "headers" in value;
