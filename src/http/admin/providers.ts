/**
 * Decides: how the health of providers' models is shown, and how an operator forces a breaker
 * (contract.md section 3).
 * Never: shows or forces a model that the configuration in force does not have.
 */
import * as z from "zod";
import { usd } from "../../base/money.ts";
import { failure } from "../../domain/error.ts";
import type { TargetReport } from "../../platform/health-admin.ts";
import type { Ctx, Route } from "../context.ts";
import { refuse } from "../error.ts";
import { byOf, parse, readBody, readQuery } from "./parse.ts";

/** A configuration has few models; who watches them wants to see them all. */
const Page = z.lazy(() =>
  z.strictObject({
    limit: z.coerce.number().int().min(1).max(100).default(100),
    /** The last model of the page before. */
    cursor: z.string().max(64).default(""),
  }),
);
const Wish = z.lazy(() => z.strictObject({ state: z.enum(["closed", "isolated", "auto"]) }));

const rowOf = (report: TargetReport) => ({
  model: report.model,
  provider: report.provider,
  state: report.state ?? "unknown",
  until: report.until === undefined ? null : new Date(report.until).toISOString(),
  success_rate: report.requests === 0 ? null : 1 - report.failures / report.requests,
  p50_ms: report.p50 ?? null,
  p99_ms: report.p99 ?? null,
  first_token_p50_ms: report.firstTokenP50 ?? null,
  requests: report.requests,
  cost_usd: usd(report.costNanoUsd),
  quota: report.quota,
});

async function list(c: Ctx): Promise<Response> {
  const page = readQuery(c, Page);
  if (!page.ok) return refuse(c, page.error);
  const { limit, cursor } = page.value;
  const { targets } = await c.get("deps").settings.current();
  const names = [...targets.keys()].filter((name) => name > cursor).sort();
  const shown = names.slice(0, limit).flatMap((name) => targets.get(name) ?? []);
  const data = (await c.get("stores").targets.reports(shown)).map(rowOf);
  return Response.json({
    data,
    next_cursor: names.length > limit ? (data.at(-1)?.model ?? null) : null,
  });
}

async function force(c: Ctx): Promise<Response> {
  const body = await readBody(c);
  const wish = body.ok ? parse(Wish, body.value) : body;
  if (!wish.ok) return refuse(c, wish.error);
  const { targets } = await c.get("deps").settings.current();
  const target = targets.get(c.req.param("model") ?? "");
  if (target === undefined) return refuse(c, failure("model_not_found", { param: "model" }));
  const forced = await c.get("stores").targets.force(target, wish.value.state, byOf(c));
  return forced.ok ? Response.json(rowOf(forced.value)) : refuse(c, forced.error);
}

const PROVIDERS = "/admin/v1/providers";

export const providerRoutes: readonly Route[] = [
  {
    method: "GET",
    path: PROVIDERS,
    auth: { class: "admin", scope: "usage:read" },
    errors: "openai",
    handle: list,
  },
  {
    method: "POST",
    // Names of models may have slashes in them.
    path: `${PROVIDERS}/:model{.+}/breaker`,
    auth: { class: "admin", scope: "config:write" },
    errors: "openai",
    handle: force,
  },
];
