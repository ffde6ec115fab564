/**
 * Decides: the routes of keys: made, listed, read, changed, revoked, rotated.
 * Never: shows a key but in the answer that made it.
 */
import * as z from "zod";
import type { StoredKey } from "../../platform/keys-rows.ts";
import type { NewKey } from "../../platform/keys-store.ts";
import type { Ctx, Route } from "../context.ts";
import { refuse } from "../error.ts";
import { beyond, changedKey, newKey } from "./keys-fields.ts";
import { answer, byOf, Id, PAGE, parse, readBody, readOptionalBody, readQuery } from "./parse.ts";

const Pages = z.lazy(() => z.strictObject({ ...PAGE, org: z.exactOptional(Id) }));

/** A day to change over where nobody says otherwise, a week at most. (security.md, Rotation) */
const Rotation = z.lazy(() =>
  z.strictObject({
    overlap_seconds: z.int().min(0).max(604_800).default(86_400),
  }),
);

const iso = (ms: number): string => new Date(ms).toISOString();

const shown = <K extends StoredKey | NewKey>(key: K) => ({
  ...key,
  expires_at: key.expires_at === null ? null : iso(key.expires_at),
  created_at: iso(key.created_at),
});

const idOf = (c: Ctx): string => c.req.param("id") ?? "";
const now = (c: Ctx): number => c.get("deps").clock.now();

async function create(c: Ctx): Promise<Response> {
  const body = await readBody(c);
  const wanted = body.ok ? newKey(body.value, c.get("admin"), now(c)) : body;
  if (!wanted.ok) return refuse(c, wanted.error);
  const { org, ...fields } = wanted.value;
  const made = await c.get("stores").keys.create(org, fields, byOf(c));
  return made.ok ? Response.json(shown(made.value), { status: 201 }) : refuse(c, made.error);
}

async function list(c: Ctx): Promise<Response> {
  const page = readQuery(c, Pages);
  if (!page.ok) return refuse(c, page.error);
  const found = await c.get("stores").keys.list(page.value.org, page.value);
  return Response.json({ ...found, data: found.data.map(shown) });
}

async function get(c: Ctx): Promise<Response> {
  const found = await c.get("stores").keys.get(idOf(c));
  return found.ok ? Response.json(shown(found.value)) : refuse(c, found.error);
}

async function patch(c: Ctx): Promise<Response> {
  const body = await readBody(c);
  if (!body.ok) return refuse(c, body.error);
  const changed = await c
    .get("stores")
    .keys.patch(idOf(c), (key) => changedKey(key, body.value, c.get("admin"), now(c)), byOf(c));
  return changed.ok ? Response.json(shown(changed.value)) : refuse(c, changed.error);
}

async function revoke(c: Ctx): Promise<Response> {
  return answer(c, await c.get("stores").keys.revoke(idOf(c), byOf(c)));
}

async function rotate(c: Ctx): Promise<Response> {
  const body = await readOptionalBody(c);
  const how = body.ok ? parse(Rotation, body.value) : body;
  if (!how.ok) return refuse(c, how.error);
  const allowed = (key: StoredKey) => beyond(c.get("admin"), key.org, key.scopes);
  const overlap = how.value.overlap_seconds * 1_000;
  const made = await c.get("stores").keys.rotate(idOf(c), overlap, allowed, byOf(c));
  if (!made.ok) return refuse(c, made.error);
  const { previous_expires_at, ...key } = made.value;
  return Response.json(
    { ...shown(key), previous_expires_at: iso(previous_expires_at) },
    { status: 201 },
  );
}

const READ = { class: "admin", scope: "keys:read" } as const;
const WRITE = { class: "admin", scope: "keys:write" } as const;
const path = "/admin/v1/keys";
const one = `${path}/:id`;

export const keyRoutes: readonly Route[] = [
  { method: "POST", path, auth: WRITE, errors: "openai", handle: create },
  { method: "GET", path, auth: READ, errors: "openai", handle: list },
  { method: "GET", path: one, auth: READ, errors: "openai", handle: get },
  { method: "PATCH", path: one, auth: WRITE, errors: "openai", handle: patch },
  { method: "DELETE", path: one, auth: WRITE, errors: "openai", handle: revoke },
  { method: "POST", path: `${one}/rotate`, auth: WRITE, errors: "openai", handle: rotate },
];
