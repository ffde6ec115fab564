/**
 * Decides: how the admin plane reads and changes the configuration (contract.md section 3).
 * Never: takes a part of a document; there is no PATCH.
 */
import * as z from "zod";
import type { Result } from "../../base/result.ts";
import { jsonSchema } from "../../domain/config/json-schema.ts";
import type { Failure } from "../../domain/error.ts";
import type { Put, Putting } from "../../platform/settings.ts";
import type { Ctx, Route } from "../context.ts";
import { refuse } from "../error.ts";
import { byOf, given, PAGE, parse, readBody, readQuery } from "./parse.ts";

const howOf = (c: Ctx): Putting => ({
  by: byOf(c),
  owner: c.get("admin").scopes.has("config:owner"),
  ifMatch: c.req.header("if-match"),
});

const inForce = (c: Ctx, result: Result<Put, Failure>): Response =>
  result.ok
    ? Response.json(result.value, { headers: { etag: result.value.etag } })
    : refuse(c, result.error);

/** Takes the text as it is kept: nothing is read in it. */
const document = (text: string, headers: Record<string, string> = {}): Response =>
  new Response(text, { headers: { "content-type": "application/json", ...headers } });

async function read(c: Ctx): Promise<Response> {
  const saved = await c.get("stores").settings.read();
  return document(saved.document, { etag: saved.etag });
}

/** A document of a thousand models has more keys than any request to a model; its bytes bound it. */
const MOST_KEYS = 250_000;

async function put(c: Ctx): Promise<Response> {
  const body = await readBody(c, MOST_KEYS);
  if (!body.ok) return refuse(c, body.error);
  return inForce(c, await c.get("stores").settings.put(body.value, howOf(c)));
}

async function validate(c: Ctx): Promise<Response> {
  const body = await readBody(c, MOST_KEYS);
  if (!body.ok) return refuse(c, body.error);
  const checked = c.get("stores").settings.validate(body.value);
  return checked.ok
    ? Response.json({ valid: true, warnings: checked.value })
    : refuse(c, checked.error);
}

const Rollback = z.lazy(() => z.strictObject({ version: z.int().min(0) }));

async function rollback(c: Ctx): Promise<Response> {
  const body = await readBody(c);
  const wish = body.ok ? parse(Rollback, body.value) : body;
  if (!wish.ok) return refuse(c, wish.error);
  return inForce(c, await c.get("stores").settings.rollback(wish.value.version, howOf(c)));
}

/** The cursor is the last version of the page before. */
const Page = z.lazy(() =>
  z.strictObject({
    limit: PAGE.limit,
    cursor: given(z.coerce.number().int().min(0)),
  }),
);

async function versions(c: Ctx): Promise<Response> {
  const page = readQuery(c, Page);
  if (!page.ok) return refuse(c, page.error);
  const { limit, cursor = Number.MAX_SAFE_INTEGER } = page.value;
  const rows = await c.get("stores").settings.list(cursor, limit);
  const data = rows.slice(0, limit).map((row) => ({
    ...row,
    at: row.at === null ? null : new Date(row.at).toISOString(),
  }));
  const last = rows.length > limit ? data.at(-1) : undefined;
  return Response.json({ data, next_cursor: last === undefined ? null : String(last.version) });
}

let schemaText: string | undefined;
function schema(): Response {
  schemaText ??= JSON.stringify(jsonSchema());
  return document(schemaText);
}

const admin = (scope: "config:read" | "config:write") => ({ class: "admin", scope }) as const;
const CONFIG = "/admin/v1/config";

export const configRoutes: readonly Route[] = [
  { method: "GET", path: CONFIG, auth: admin("config:read"), errors: "openai", handle: read },
  { method: "PUT", path: CONFIG, auth: admin("config:write"), errors: "openai", handle: put },
  {
    method: "POST",
    path: `${CONFIG}/validate`,
    auth: admin("config:read"),
    errors: "openai",
    handle: validate,
  },
  {
    method: "GET",
    path: `${CONFIG}/versions`,
    auth: admin("config:read"),
    errors: "openai",
    handle: versions,
  },
  {
    method: "POST",
    path: `${CONFIG}/rollback`,
    auth: admin("config:write"),
    errors: "openai",
    handle: rollback,
  },
  {
    method: "GET",
    path: "/config.schema.json",
    auth: { class: "public" },
    errors: "openai",
    handle: schema,
  },
];
