/**
 * Decides: how the admin plane reads and changes the configuration (contract.md section 3).
 * Never: takes a part of a document; there is no PATCH.
 */
import * as z from "zod";
import { err, ok, type Result } from "../../base/result.ts";
import { jsonSchema } from "../../domain/config/json-schema.ts";
import { problemsOfError, UNKNOWN_FIELD } from "../../domain/config/problems.ts";
import { type Failure, failure } from "../../domain/error.ts";
import type { Put, Putting } from "../../platform/settings.ts";
import { readJsonBody } from "../body.ts";
import type { Ctx, Route } from "../context.ts";
import { refuse } from "../error.ts";

const json = (body: string, headers: Record<string, string> = {}): Response =>
  new Response(body, { headers: { "content-type": "application/json", ...headers } });

const howOf = (c: Ctx): Putting => ({
  by: { actor: c.get("admin").actor, requestId: c.get("requestId") },
  owner: c.get("admin").scopes.has("config:owner"),
  ifMatch: c.req.header("if-match"),
});

const answer = (c: Ctx, result: Result<Put, Failure>): Response =>
  result.ok
    ? json(JSON.stringify(result.value), { etag: result.value.etag })
    : refuse(c, result.error);

async function read(c: Ctx): Promise<Response> {
  const { document, etag } = await c.get("stores").settings.read();
  return json(document, { etag });
}

async function put(c: Ctx): Promise<Response> {
  const body = await readJsonBody(c);
  if (!body.ok) return refuse(c, body.error);
  return answer(c, await c.get("stores").settings.put(body.value.value, howOf(c)));
}

async function validate(c: Ctx): Promise<Response> {
  const body = await readJsonBody(c);
  if (!body.ok) return refuse(c, body.error);
  const result = c.get("stores").settings.validate(body.value.value);
  if (!result.ok) return refuse(c, result.error);
  return json(JSON.stringify({ valid: true, warnings: result.value }));
}

const Rollback = z.strictObject({ version: z.int().min(0) });

function rollbackTo(body: unknown): Result<number, Failure> {
  const parsed = Rollback.safeParse(body);
  if (parsed.success) return ok(parsed.data.version);
  const problems = problemsOfError(parsed.error);
  const unknown = problems.find((problem) => problem.message === UNKNOWN_FIELD);
  if (unknown !== undefined) return err(failure("unknown_field", { param: unknown.path }));
  return err(failure("invalid_parameter", { param: "version" }));
}

async function rollback(c: Ctx): Promise<Response> {
  const body = await readJsonBody(c);
  if (!body.ok) return refuse(c, body.error);
  const version = rollbackTo(body.value.value);
  if (!version.ok) return refuse(c, version.error);
  return answer(c, await c.get("stores").settings.rollback(version.value, howOf(c)));
}

/** A query parameter that is a whole number from `least` to `most`. */
function whole(c: Ctx, name: string, absent: number, least: number, most: number) {
  const text = c.req.query(name);
  if (text === undefined) return ok(absent);
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  return value >= least && value <= most
    ? ok(value)
    : err(failure("invalid_parameter", { param: name }));
}

/** The cursor is the last version of the page before. */
async function versions(c: Ctx): Promise<Response> {
  const limit = whole(c, "limit", 20, 1, 100);
  if (!limit.ok) return refuse(c, limit.error);
  const before = whole(c, "cursor", Number.MAX_SAFE_INTEGER, 0, Number.MAX_SAFE_INTEGER);
  if (!before.ok) return refuse(c, before.error);
  const rows = await c.get("stores").settings.list(before.value, limit.value);
  const data = rows.slice(0, limit.value);
  const last = rows.length > limit.value ? data.at(-1) : undefined;
  const next_cursor = last === undefined ? null : String(last.version);
  return json(JSON.stringify({ data, next_cursor }));
}

let schemaText: string | undefined;
function schema(): Response {
  schemaText ??= JSON.stringify(jsonSchema());
  return json(schemaText);
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
