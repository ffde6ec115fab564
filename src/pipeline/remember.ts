/**
 * Decides: what an Idempotency-Key does to a request: it runs and its reply is kept, or it is given the reply of
 * the run before it, or it is told to wait.
 * Never: costs anything without a key, or keeps a reply that the caller did not get.
 */
import { type Failure, failure, statusOf } from "../domain/error.ts";
import type { RequestRecord } from "../domain/record.ts";
import { type Ending, fateOf, LARGEST_KEPT } from "../policy/idempotency/fate.ts";
import { requestText } from "../policy/idempotency/fingerprint.ts";
import { mayBeGiven } from "../policy/routing/reach.ts";
import type { Deps, KeptReply, OnceRun } from "../ports.ts";
import type { Ask, Reply } from "./ask.ts";
import { failureText } from "./failure-text.ts";
import { passBy } from "./remember-stream.ts";
import { createTicket, type Stub } from "./remember-ticket.ts";
import { renewed } from "./renewed.ts";

type Answer = Extract<Reply, { readonly ok: true }>;
type Refusal = Exclude<Reply, { readonly ok: true }>;
type Whole = KeptReply & { readonly body: Uint8Array };

/** For whoever asks again after he left: a provider has worked for him, and nobody kept all of it. */
const LEFT = failure("idempotency_outcome_unknown");
/** What `settled.ts` writes down of a caller who left. */
const CLIENT_CLOSED = 499;
/** Milliseconds. The caller has all his bytes; an object that is slow does not keep him longer. */
const KEEP_WITHIN_MS = 5_000;

const encoder = new TextEncoder();
const bytesOf = (body: string | Uint8Array): Uint8Array =>
  typeof body === "string" ? encoder.encode(body) : body;

/** What is true of the reply whenever it is given; not its timing, and not what limits were left then. */
const keptHeaders = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).filter(
      ([name]) => name === "content-type" || name.startsWith("x-headgate-"),
    ),
  );

/** An error as the caller got it. Asking again would only bring it again. */
const keptFailure = (ask: Ask, fail: Failure, headers: Readonly<Record<string, string>>): Whole => {
  return {
    status: statusOf(fail),
    headers: {
      ...keptHeaders(headers),
      "content-type": "application/json",
      "x-should-retry": "false",
    },
    body: encoder.encode(failureText(ask, fail)),
  };
};

type Ended = Omit<Ending, "record"> & {
  /** The reply in full; undefined: too large to be kept. */
  readonly reply: Whole | undefined;
  readonly headers: Readonly<Record<string, string>>;
};

/** Writes down what became of the run. */
const keep = async (
  ask: Ask,
  run: OnceRun,
  record: RequestRecord,
  { reply, headers, ...ending }: Ended,
): Promise<void> => {
  const toldAll = !ending.left;
  switch (fateOf({ ...ending, record })) {
    case "free":
      return run.free(toldAll);
    case "keep_broken":
      return run.done(keptFailure(ask, LEFT, headers), toldAll);
    case "keep":
      return run.done(reply ?? "too_large", toldAll);
  }
};

/** Waits for `work`, but not for long: it goes on behind the answer. */
const within = (deps: Deps, work: Promise<void>): Promise<void> => {
  deps.background(work.catch(() => {}));
  return new Promise((resolve) => {
    const cancel = deps.clock.after(KEEP_WITHIN_MS, resolve);
    const done = (): void => {
      cancel();
      resolve();
    };
    work.then(done, done);
  });
};

/** A reply that is there in full: it leaves when it is kept. */
const keepNow = (
  ask: Ask,
  run: OnceRun,
  stub: Stub,
  { headers }: Reply,
  what: Pick<Ended, "failure" | "reply">,
): Promise<void> => {
  const record = stub.recordNow();
  if (record === undefined) throw new Error("a reply has left a request that was not settled");
  const left = record.status === CLIENT_CLOSED;
  return keep(ask, run, record, { ...what, brokeOff: false, left, headers });
};

const keepFailure = (ask: Ask, run: OnceRun, stub: Stub, refusal: Refusal): Promise<void> => {
  const { failure: fail, headers } = refusal;
  const reply = keptFailure(ask, fail, headers);
  return keepNow(ask, run, stub, refusal, { failure: fail, reply });
};

const keepWhole = (
  ask: Ask,
  run: OnceRun,
  stub: Stub,
  answer: Answer,
  text: string | Uint8Array,
): Promise<void> => {
  const body = bytesOf(text);
  const kept = { status: answer.status, headers: keptHeaders(answer.headers), body };
  const reply = body.byteLength <= LARGEST_KEPT ? kept : undefined;
  return keepNow(ask, run, stub, answer, { failure: undefined, reply });
};

/** A reply that goes on: kept when it has ended and the request is settled, whichever comes last. */
const keepStream = (
  deps: Deps,
  ask: Ask,
  run: OnceRun,
  stub: Stub,
  answer: Answer,
  body: ReadableStream<Uint8Array>,
): Reply => {
  const { status } = answer;
  const headers = keptHeaders(answer.headers);
  const passing = passBy({
    body,
    tell: (bytes) => run.told({ status, headers }, bytes),
    beforeEnd: () => within(deps, kept),
  });
  const keepAll = async (): Promise<void> => {
    const record = await stub.record;
    // Nobody may be reading any more: then the end of the body is never seen.
    const gone = record.status === CLIENT_CLOSED;
    const left = gone || (await passing.over) === "left";
    const passed = passing.passed();
    await keep(ask, run, record, {
      failure: undefined,
      brokeOff: record.error_code !== undefined,
      left,
      reply: passed && { status, headers, body: passed },
      headers,
    });
  };
  const kept = keepAll();
  deps.background(kept.catch(() => run.abandon()));
  return { ...answer, body: passing.body };
};

/** A refusal that no account has counted. */
const denied = (deps: Deps, { caller }: Ask, fail: Failure): Refusal => {
  deps.limiter.denied(caller, statusOf(fail), fail.code);
  return { ok: false, failure: fail, headers: {} };
};

/** Keys of one team share what is kept, and need not be allowed the same models. */
const replayed = async (deps: Deps, ask: Ask, reply: KeptReply): Promise<Reply> => {
  const { status, headers, body } = reply;
  const model = headers["x-headgate-model"];
  const snapshot = await deps.settings.current();
  const policies = [snapshot.policy, ...ask.caller.policies];
  if (model === undefined || mayBeGiven(snapshot, policies, model)) {
    return { ok: true, status, headers: { ...headers, "idempotent-replayed": "true" }, body };
  }
  if (body instanceof ReadableStream) deps.background(body.cancel().catch(() => {}));
  return denied(deps, ask, failure("model_not_allowed", { param: "model" }));
};

/**
 * Wraps the whole story of a request. The story gets an Ask with a ticket: `dispatching` is waited for before
 * each call of a provider, `settled` told at the end.
 */
export const remember = async (
  deps: Deps,
  ask: Ask,
  story: (ask: Ask) => Promise<Reply>,
): Promise<Reply> => {
  const { idempotencyKey: key, preferWaitMs: waitMs = 0 } = ask.controls;
  // A story that begins anew goes on under the ticket that it has.
  if (key === undefined || ask.once !== undefined) return story(ask);
  const begun = await deps.once.begin({
    ...{ caller: ask.caller, requestId: ask.requestId, key, waitMs },
    requestText: requestText(ask.endpoint, ask.body),
  });
  if (begun.is === "refused") return { ok: false, failure: begun.failure, headers: {} };
  if (begun.is === "replay") return replayed(deps, ask, begun.reply);
  if (begun.is === "stale") {
    const again = await renewed(deps, ask);
    return again.ok ? remember(deps, again.value, story) : denied(deps, ask, again.error);
  }
  const { run } = begun;
  const stub = createTicket(run);
  try {
    const reply = await story({ ...ask, once: stub.ticket });
    if (!reply.ok) await within(deps, keepFailure(ask, run, stub, reply));
    else if (reply.body instanceof ReadableStream) {
      return keepStream(deps, ask, run, stub, reply, reply.body);
    } else await within(deps, keepWhole(ask, run, stub, reply, reply.body));
    return reply;
  } catch (bug) {
    // Whoever has asked nobody has done nothing; of the others nobody knows.
    if (stub.hasDispatched()) run.abandon();
    else await run.free(false);
    throw bug;
  }
};
