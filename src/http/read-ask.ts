/**
 * Decides: how a call to a model is read from HTTP: body, wishes, forwarded headers, into one Ask.
 * Never: looks at messages or parameters; the pipeline checks what it reckons with.
 */
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

/** A route's part of the Ask, and the stage that takes it. */
export type Door = {
  readonly endpoint: Ask["endpoint"];
  readonly dialect: Ask["dialect"];
  readonly run: (deps: Deps, ask: Ask) => Promise<Reply>;
};

/** The handler of a route that calls a model. */
export const callModel =
  (door: Door) =>
  async (c: Ctx): Promise<Response> => {
    const ask = await readAsk(c, door);
    if (!ask.ok) return refuse(c, ask.error);
    return answer(c, await door.run(c.get("deps"), ask.value));
  };

const readAsk = async (c: Ctx, { endpoint, dialect }: Door): Promise<Result<Ask, Failure>> => {
  const body = await readJsonBody(c, endpoint === "embeddings" ? MAX_BODY : MAX_BODY_WITH_IMAGES);
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
