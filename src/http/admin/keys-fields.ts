/**
 * Decides: what may be said about a key, and which scopes it may be given by whom.
 * Never: makes a key that is both an admin's and an organisation's.
 */
import * as z from "zod";
import { err, ok, type Result } from "../../base/result.ts";
import { TagKey } from "../../domain/config/names.ts";
import { UsablePolicy } from "../../domain/config/validate.ts";
import { type Failure, failure } from "../../domain/error.ts";
import { MOST_TAGS, TAG_VALUE } from "../../domain/tag.ts";
import { ADMIN_SCOPES, type Admin, DATA_SCOPES } from "../../domain/tenant.ts";
import type { KeyFields, StoredKey } from "../../platform/keys-rows.ts";
import { epochMs, Id, type Json, Label, patched } from "./parse.ts";

const Tags = z.lazy(() =>
  z
    .record(TagKey, z.string().regex(TAG_VALUE))
    .refine((tags) => Object.keys(tags).length <= MOST_TAGS),
);

/** ISO 8601, or seconds or milliseconds since the epoch; read as the latter. */
const Time = z.lazy(() =>
  z
    .union([
      z.iso.datetime({ offset: true }),
      z.iso.date(),
      z.int().min(0).max(8.64e15).transform(epochMs),
    ])
    .transform((time) => new Date(time).getTime()),
);

const DataKey = z.lazy(() =>
  z.strictObject({
    org: Id,
    team: z.exactOptional(Id),
    user: z.exactOptional(Id),
    name: z.exactOptional(Label),
    tags: z.exactOptional(Tags),
    scopes: z.exactOptional(z.array(z.enum(DATA_SCOPES)).max(20)),
    policy: z.exactOptional(UsablePolicy),
    expires_at: z.exactOptional(Time),
  }),
);
/** Its organisation is what a key never changes. */
const ChangedDataKey = z.lazy(() => DataKey.unwrap().omit({ org: true }));

const AdminKey = z.lazy(() =>
  z.strictObject({
    name: z.exactOptional(Label),
    scopes: z.array(z.enum(ADMIN_SCOPES)).min(1).max(20),
    expires_at: z.exactOptional(Time),
  }),
);

type Said = Partial<z.infer<typeof DataKey>> | z.infer<typeof AdminKey>;

const NOTHING = { team: null, user: null, name: null, tags: {}, policy: {}, expires_at: null };
const wrong = (param: string) => err(failure("invalid_parameter", { param }));

/** The failure of an admin who would hand out, or get hold of, more than he may do himself. */
export function beyond(admin: Admin, org: string | null, scopes: readonly string[]) {
  const held: ReadonlySet<string> = admin.scopes;
  const within = org !== null || scopes.every((scope) => held.has(scope));
  return within ? undefined : failure("scope_missing", { param: "scopes" });
}

function fieldsOf(said: Said, admin: Admin): Result<KeyFields & { org: string | null }, Failure> {
  const org = "org" in said ? (said.org ?? null) : null;
  const scopes = [...new Set<string>(said.scopes ?? DATA_SCOPES)];
  const refused = beyond(admin, org, scopes);
  return refused === undefined ? ok({ ...NOTHING, ...said, org, scopes }) : err(refused);
}

/** The key that `body` describes; without `org`, or with null as answers have it, an admin's. `now` in milliseconds. */
export function newKey(body: Json, admin: Admin, now: number) {
  const { org, ...rest } = body;
  if (org == null && rest["scopes"] == null) return wrong("org");
  const said: Result<Said, Failure> =
    org == null ? patched(AdminKey, {}, rest) : patched(DataKey, {}, body);
  if (!said.ok) return said;
  if ((said.value.expires_at ?? Number.POSITIVE_INFINITY) <= now) return wrong("expires_at");
  return fieldsOf(said.value, admin);
}

/** What becomes of `key` by a merge patch. A key that was rotated can only end earlier. */
export function changedKey(
  key: StoredKey,
  patch: Json,
  admin: Admin,
  now: number,
): Result<KeyFields, Failure> {
  const refused = beyond(admin, key.org, key.scopes);
  if (refused !== undefined) return err(refused);
  const said = merged(key, patch);
  if (!said.ok) return said;
  const ends = said.value.expires_at ?? Number.POSITIVE_INFINITY;
  if (patch["expires_at"] !== undefined && ends <= now) return wrong("expires_at");
  if (key.rotated_to !== null && ends > (key.expires_at ?? 0)) return wrong("expires_at");
  return fieldsOf({ ...said.value, ...(key.org !== null && { org: key.org }) }, admin);
}

function merged(key: StoredKey, patch: Json): Result<Said, Failure> {
  const { name, scopes, expires_at, team, user, tags, policy } = key;
  if (key.org === null) return patched(AdminKey, withoutNulls({ name, scopes, expires_at }), patch);
  const now = withoutNulls({ name, scopes, expires_at, team, user, tags, policy });
  return patched(ChangedDataKey, now, patch);
}

const withoutNulls = (fields: object): object =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
