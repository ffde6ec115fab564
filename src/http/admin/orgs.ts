/**
 * Decides: the routes of organisations, and with the same five handlers those of their teams and users.
 * Never: touches storage except through the store of tenants.
 */
import * as z from "zod";
import type { Kind, Place } from "../../platform/tenants-place.ts";
import type { Ctx, Route } from "../context.ts";
import { refuse } from "../error.ts";
import { changedTenant, newTenant } from "./orgs-fields.ts";
import { answer, byOf, PAGE, readBody, readQuery } from "./parse.ts";

const Pages = z.lazy(() => z.strictObject(PAGE));
const Removal = z.lazy(() =>
  z.strictObject({ cascade: z.enum(["true", "false"]).default("false") }),
);

const READ = { class: "admin", scope: "keys:read" } as const;
const WRITE = { class: "admin", scope: "keys:write" } as const;

/** The five routes of one kind below `path`. */
function tenantRoutes(kind: Kind, path: string): readonly Route[] {
  const placeOf = (c: Ctx): Place => {
    const id = c.req.param("id") ?? "";
    return { kind, org: kind === "org" ? id : (c.req.param("org") ?? ""), id };
  };

  const create = async (c: Ctx): Promise<Response> => {
    const body = await readBody(c);
    const made = body.ok ? newTenant(kind, body.value) : body;
    if (!made.ok) return refuse(c, made.error);
    const org = kind === "org" ? made.value.id : (c.req.param("org") ?? "");
    return answer(c, await c.get("stores").tenants.create(kind, org, made.value, byOf(c)), 201);
  };

  const list = async (c: Ctx): Promise<Response> => {
    const page = readQuery(c, Pages);
    if (!page.ok) return refuse(c, page.error);
    return answer(
      c,
      await c.get("stores").tenants.list(kind, c.req.param("org") ?? "", page.value),
    );
  };

  const get = async (c: Ctx): Promise<Response> =>
    answer(c, await c.get("stores").tenants.get(placeOf(c)));

  const patch = async (c: Ctx): Promise<Response> => {
    const body = await readBody(c);
    if (!body.ok) return refuse(c, body.error);
    const { tenants } = c.get("stores");
    const changed = await tenants.patch(
      placeOf(c),
      (now) => changedTenant(kind, now, body.value),
      byOf(c),
    );
    return answer(c, changed);
  };

  const remove = async (c: Ctx): Promise<Response> => {
    const how = readQuery(c, Removal);
    if (!how.ok) return refuse(c, how.error);
    const { tenants } = c.get("stores");
    return answer(c, await tenants.remove(placeOf(c), how.value.cascade === "true", byOf(c)));
  };

  const one = `${path}/:id`;
  return [
    { method: "POST", path, auth: WRITE, errors: "openai", handle: create },
    { method: "GET", path, auth: READ, errors: "openai", handle: list },
    { method: "GET", path: one, auth: READ, errors: "openai", handle: get },
    { method: "PATCH", path: one, auth: WRITE, errors: "openai", handle: patch },
    { method: "DELETE", path: one, auth: WRITE, errors: "openai", handle: remove },
  ];
}

export const orgRoutes: readonly Route[] = [
  ...tenantRoutes("org", "/admin/v1/orgs"),
  ...tenantRoutes("team", "/admin/v1/orgs/:org/teams"),
  ...tenantRoutes("user", "/admin/v1/orgs/:org/users"),
];
