/**
 * Decides: what the caller gets of an attempt that succeeded: a whole body, or a stream that goes on.
 * Never: waits for a stream's end before the answer begins.
 */

import { errorBody } from "../dialects/error-body.ts";
import { DIALECTS } from "../dialects/index.ts";
import { type Failure, failure } from "../domain/error.ts";
import type { Deps } from "../ports.ts";
import type { Ask, Reply } from "./ask.ts";
import { type Live, speech, type Whole } from "./attempt.ts";
import type { Called } from "./call.ts";
import { relay } from "./relay.ts";
import { meter, type Run, toldHeaders } from "./run.ts";
import { refuse, settle } from "./settled.ts";

const encoder = new TextEncoder();

const errorFrame =
  ({ dialect, requestId }: Ask) =>
  (fail: Failure): Uint8Array => {
    const anthropic = dialect === "anthropic-messages";
    const body = JSON.stringify(errorBody(anthropic ? "anthropic" : "openai", fail, requestId));
    return encoder.encode(anthropic ? `event: error\ndata: ${body}\n\n` : `data: ${body}\n\n`);
  };

const wholeReply = (deps: Deps, run: Run, called: Called, { text, json }: Whole): Reply => {
  const { ask, record } = run;
  const dialect = speech(called.target);
  const reply = (body: string): Reply => {
    settle(deps, run, { end: "whole" });
    return {
      ok: true,
      status: 200,
      headers: { ...toldHeaders(run, deps.clock.now()), "content-type": "application/json" },
      body,
    };
  };
  meter(record, called.target, dialect.response.usage(json));
  if (called.prepared.passes) {
    record.upstream_model = typeof json["model"] === "string" ? json["model"] : undefined;
    return reply(text);
  }
  const decoded = dialect.response.decode(json);
  if (!decoded.ok) {
    return refuse(deps, run, failure("upstream_invalid"));
  }
  record.upstream_model = decoded.value.model;
  const body = DIALECTS[ask.dialect].response.encode(decoded.value, {
    requestId: ask.requestId,
    created: Math.floor(deps.clock.now() / 1000),
    includeUsage: true,
    from: called.target.dialect,
  });
  return reply(JSON.stringify(body));
};

const liveReply = (deps: Deps, run: Run, called: Called, live: Live): Reply => {
  const { record, ask } = run;
  const pipe = deps.createPipe();
  record.first_token_ms = deps.clock.now() - record.at;
  const pumped = relay({
    clock: deps.clock,
    live,
    writable: pipe.writable,
    errorFrame: errorFrame(ask),
  }).then((end) => {
    record.upstream_model = live.line.facts.model;
    meter(record, called.target, live.line.facts.usage);
    settle(deps, run, end);
  });
  deps.background(pumped);
  return {
    ok: true,
    status: 200,
    headers: {
      ...toldHeaders(run, deps.clock.now()),
      "content-type": "text/event-stream; charset=utf-8",
    },
    body: pipe.readable,
  };
};

export const answered = (deps: Deps, run: Run, called: Called): Reply => {
  run.dropped = called.prepared.dropped;
  return called.answer.kind === "whole"
    ? wholeReply(deps, run, called, called.answer)
    : liveReply(deps, run, called, called.answer);
};
