/**
 * Decides: how an operator sees the limits of an organisation as they stand, with what is held.
 * Never: makes an account where there is none.
 */
import { shownRule } from "../../policy/view/limits.ts";
import type { Ctx, Route } from "../context.ts";
import { refuse } from "../error.ts";

async function limits(c: Ctx): Promise<Response> {
  const { policy } = await c.get("deps").settings.current();
  const found = await c.get("stores").limitsOf(c.req.param("org") ?? "", policy);
  if (!found.ok) return refuse(c, found.error);
  const { rules, reservations, slots } = found.value;
  return Response.json({
    rules: rules.map(({ rule, ...standing }) => shownRule(rule, standing)),
    reservations,
    slots,
  });
}

export const limitRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/admin/v1/limits/:org",
    auth: { class: "admin", scope: "usage:read" },
    errors: "openai",
    handle: limits,
  },
];
