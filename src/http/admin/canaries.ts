/**
 * Decides: how the two arms of a canary are reported (contract.md section 3).
 * Never: reports one that the configuration in force does not have.
 */
import { failure } from "../../domain/error.ts";
import type { Ctx, Route } from "../context.ts";
import { refuse } from "../error.ts";

async function report(c: Ctx): Promise<Response> {
  const { config } = await c.get("deps").settings.current();
  const id = c.req.param("id");
  const canary = config.canaries?.find((each) => each.id === id);
  if (canary === undefined) return refuse(c, failure("not_found"));
  return Response.json({ id, ...(await c.get("stores").canaries.report(canary)) });
}

export const canaryRoutes: readonly Route[] = [
  {
    method: "GET",
    // Names of canaries may have slashes in them.
    path: "/admin/v1/canaries/:id{.+}",
    auth: { class: "admin", scope: "usage:read" },
    errors: "openai",
    handle: report,
  },
];
