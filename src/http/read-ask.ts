/**
 * Decides: how a call to a model is read from HTTP: body, wishes, forwarded headers, into one Ask; and until when a
 * large body counts as being there.
 * Never: looks at messages or parameters; the pipeline checks what it reckons with.
 */
import { MAX_KEYS } from "../base/json-body.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { Failure } from "../domain/error.ts";
import type { Ask, Reply } from "../pipeline/ask.ts";
import type { Deps } from "../ports.ts";
import { answer } from "./answer.ts";
import { MAX_BODY, MAX_BODY_WITH_IMAGES, readJsonBody } from "./body.ts";
import type { Ctx } from "./context.ts";
import { readControls } from "./controls.ts";
import { refuse } from "./error.ts";
import { refuseForbiddenFields } from "./forbidden-fields.ts";
import { headersToUpstream } from "./headers.ts";
import { clientRequestId } from "./request-id.ts";
import { createRoom } from "./room.ts";

/** A route's part of the Ask, and the stage that takes it. */
export type Door = {
  readonly endpoint: Ask["endpoint"];
  readonly dialect: Ask["dialect"];
  readonly run: (deps: Deps, ask: Ask) => Promise<Reply>;
};

/** Of all calls to models that this isolate serves. */
const room = createRoom();

/** What is asked stays until its request has ended, however long its answer streams. */
const freeingAtEnd = (deps: Deps, whose: object): Deps => ({
  ...deps,
  telemetry: {
    finished: (record) => {
      room.free(whose);
      deps.telemetry.finished(record);
    },
  },
});

/** The handler of a route that calls a model. */
export const callModel =
  (door: Door) =>
  async (c: Ctx): Promise<Response> => {
    const { env: whose } = c;
    let streams = false;
    try {
      const ask = await readAsk(c, door);
      if (!ask.ok) return refuse(c, ask.error);
      const deps = c.get("deps");
      const reply = await door.run(room.has(whose) ? freeingAtEnd(deps, whose) : deps, ask.value);
      // Of the stream of another run nobody tells the end here, and it needs nothing of what was asked.
      const isOwn = reply.headers["idempotent-replayed"] === undefined;
      streams = isOwn && reply.ok && reply.body instanceof ReadableStream;
      return answer(c, reply);
    } finally {
      if (!streams) room.free(whose);
    }
  };

const readAsk = async (c: Ctx, { endpoint, dialect }: Door): Promise<Result<Ask, Failure>> => {
  const most = endpoint === "embeddings" ? MAX_BODY : MAX_BODY_WITH_IMAGES;
  const body = await readJsonBody(c, most, MAX_KEYS, room);
  if (!body.ok) return body;
  const forbidden = refuseForbiddenFields(body.value.value);
  if (forbidden !== undefined) return err(forbidden);
  const { headers, signal } = c.req.raw;
  const caller = c.get("caller");
  const controls = readControls(headers, body.value.value, caller.tags);
  if (!controls.ok) return controls;
  return ok({
    requestId: c.get("requestId"),
    clientRequestId: clientRequestId(headers),
    at: c.env.at,
    endpoint,
    dialect,
    caller,
    body: body.value,
    controls: controls.value,
    forward: headersToUpstream(headers),
    signal,
    authMs: c.get("authMs"),
  });
};
