/**
 * Decides: what a load balancer is told: that the Worker runs, and whether it can serve.
 * Never: shows a value; readiness only names what is missing.
 */
import { failure } from "../domain/error.ts";
import type { Ctx, Route } from "./context.ts";
import { refuse } from "./error.ts";
import { logBug } from "./log-bug.ts";

const health = (): Response => Response.json({ status: "ok" });

/** Missing root secrets have been refused before; what is left is a configuration that can be read. */
const readiness = async (c: Ctx): Promise<Response> => {
  try {
    const { version } = await c.get("deps").settings.current();
    return Response.json({ status: "ready", config_version: version });
  } catch (error) {
    logBug(c.get("requestId"), "/readyz", error);
    return refuse(c, failure("misconfigured", { param: "config" }));
  }
};

const ROW = { method: "GET", auth: { class: "public" }, errors: "openai" } as const;

export const statusRoutes: readonly Route[] = [
  { ...ROW, path: "/healthz", handle: health },
  { ...ROW, path: "/readyz", handle: readiness },
];
