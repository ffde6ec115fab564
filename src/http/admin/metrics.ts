/**
 * Decides: how it is asked how the service does: rates, providers, and its own promises.
 * Never: tells what somebody used; that is `usage.ts`.
 */
import * as z from "zod";
import { metricsReport } from "../../policy/view/metrics.ts";
import type { Ctx, Route } from "../context.ts";
import { refuse } from "../error.ts";
import { given, Id, readQuery } from "./parse.ts";
import { WINDOW, windowOf } from "./usage-window.ts";

const Query = z.lazy(() => z.strictObject({ ...WINDOW, org: given(Id) }));

async function metrics(c: Ctx): Promise<Response> {
  const query = readQuery(c, Query);
  if (!query.ok) return refuse(c, query.error);
  const window = windowOf(query.value, c.get("deps").clock.now());
  if (!window.ok) return refuse(c, window.error);
  const sums = await c.get("stores").usage.metrics({ ...window.value, org: query.value.org });
  return Response.json(metricsReport(sums));
}

export const metricRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/admin/v1/metrics",
    auth: { class: "admin", scope: "usage:read" },
    errors: "openai",
    handle: metrics,
  },
];
