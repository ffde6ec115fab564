/**
 * Decides: how an operator purges kept answers: of an organisation or of all, of one model or of all.
 * Never: answers before no old answer can be given any more.
 */
import * as z from "zod";
import type { Ctx, Route } from "../context.ts";
import { refuse } from "../error.ts";
import { byOf, Id, readQuery } from "./parse.ts";

/** Names of models and routes; one that is not configured any more may still have answers. */
const Which = z.lazy(() =>
  z.strictObject({
    org: z.exactOptional(Id),
    model: z.exactOptional(z.string().min(1).max(200)),
  }),
);

async function purge(c: Ctx): Promise<Response> {
  const which = readQuery(c, Which);
  if (!which.ok) return refuse(c, which.error);
  const { org, model } = which.value;
  const { cache } = c.get("stores");
  const done =
    org === undefined
      ? await cache.purgeAll(model, byOf(c))
      : await cache.purge(org, model, byOf(c));
  return done.ok ? new Response(null, { status: 204 }) : refuse(c, done.error);
}

export const cacheRoutes: readonly Route[] = [
  {
    method: "DELETE",
    path: "/admin/v1/cache",
    auth: { class: "admin", scope: "config:write" },
    errors: "openai",
    handle: purge,
  },
];
