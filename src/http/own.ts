/**
 * Decides: what the holder of a key may ask of himself: his key and its limits, and one of his own requests.
 * Never: tells another key's request from one that never was.
 */
import { usd } from "../base/money.ts";
import { failure } from "../domain/error.ts";
import { ownLimits } from "../pipeline/own-limits.ts";
import { shownRow } from "../policy/view/ledger-row.ts";
import { shownLimit } from "../policy/view/limits.ts";
import type { Ctx, Route } from "./context.ts";
import { refuse } from "./error.ts";

const key = async (c: Ctx): Promise<Response> => {
  const { settings, account } = c.get("deps");
  const caller = c.get("caller");
  const rules = ownLimits(await settings.current(), caller);
  const standing = await account.standing(caller, rules);
  if (!standing.ok) return refuse(c, failure("limiter_unavailable"));
  const { standings, today, month } = standing.value;
  return Response.json({
    id: caller.key,
    name: caller.keyName ?? null,
    org: caller.org,
    team: caller.team ?? null,
    user: caller.user ?? null,
    scopes: [...caller.scopes],
    expires_at: caller.expiresAt === undefined ? null : new Date(caller.expiresAt).toISOString(),
    limits: rules.flatMap((rule, at) => {
      const found = standings[at];
      return found === undefined ? [] : [shownLimit(rule, found)];
    }),
    spend: { today_usd: usd(today), month_usd: usd(month) },
  });
};

const request = async (c: Ctx): Promise<Response> => {
  const row = await c.get("deps").account.row(c.get("caller"), c.req.param("id") ?? "");
  if (!row.ok) return refuse(c, failure("limiter_unavailable"));
  return row.value === undefined
    ? refuse(c, failure("not_found"))
    : Response.json(shownRow(row.value));
};

const ROW = { method: "GET", auth: { class: "data", renewed: true }, errors: "openai" } as const;

export const ownRoutes: readonly Route[] = [
  { ...ROW, path: "/v1/key", handle: key },
  { ...ROW, path: "/v1/requests/:id", handle: request },
];
