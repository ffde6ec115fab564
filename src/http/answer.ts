/**
 * Decides: how the pipeline's reply becomes an HTTP answer.
 * Never: reads a body; a stream is handed on as it is.
 */
import type { Reply } from "../pipeline/ask.ts";
import type { Ctx } from "./context.ts";
import { refuse } from "./error.ts";
import { headersToCaller } from "./headers.ts";

export const answer = (c: Ctx, reply: Reply): Response => {
  const headers = headersToCaller(reply.headers);
  if (!reply.ok) return refuse(c, reply.failure, headers);
  return new Response(reply.body, { status: reply.status, headers });
};
