/**
 * Decides: what may be said about an organisation, a team and a user, and what holds where nothing is.
 * Never: fills in a policy: an empty one leaves all to the levels above.
 */
import * as z from "zod";
import { ok, type Result } from "../../base/result.ts";
import { UsablePolicy } from "../../domain/config/validate.ts";
import type { Failure } from "../../domain/error.ts";
import { freshId } from "../../platform/crypto.ts";
import type { Tenant } from "../../platform/tenants.ts";
import type { Kind } from "../../platform/tenants-place.ts";
import { Id, type Json, Label, patched } from "./parse.ts";

/** Cloudflare's names for where an object may be kept. */
const LOCATIONS = [
  ...["wnam", "enam", "sam", "weur", "eeur", "apac"],
  ...["apac-ne", "apac-se", "oc", "afr", "me"],
] as const;

const Member = z.lazy(() =>
  z.strictObject({
    name: z.exactOptional(Label),
    policy: z.exactOptional(UsablePolicy),
  }),
);
const Org = z.lazy(() =>
  Member.unwrap().extend({ location_hint: z.exactOptional(z.enum(LOCATIONS)) }),
);

const SCHEMAS = { org: Org, team: Member, user: Member };

/** The thing that `body` describes. */
export function newTenant(kind: Kind, body: Json): Result<Tenant, Failure> {
  const withId = z.lazy(() => SCHEMAS[kind].unwrap().extend({ id: z.exactOptional(Id) }));
  const fields = patched(withId, {}, body);
  if (!fields.ok) return fields;
  const { id = freshId(), ...said } = fields.value;
  return ok({ id, name: id, policy: {}, ...said });
}

/** What becomes of `now` by a merge patch; what it takes away falls back to what it would be anew. */
export function changedTenant(kind: Kind, { id, ...now }: Tenant, patch: Json) {
  const fields = patched(SCHEMAS[kind], now, patch);
  return fields.ok ? ok({ id, name: id, policy: {}, ...fields.value }) : fields;
}
