/**
 * Decides: who may use the admin plane: the holder of ADMIN_TOKEN, or of a live key without organisation.
 * Never: takes an absent token for an empty one, and never lets a data key through.
 */
import { err, ok, type Result } from "../base/result.ts";
import { ADMIN_SCOPES, type Admin, type AdminScope } from "../domain/tenant.ts";
import { sameText } from "./crypto.ts";
import { createIdentify, type KeyParts } from "./keys.ts";

export type Admins = {
  verifyAdmin(token: string): Promise<Result<Admin, "invalid" | "wrong_class">>;
};

const IMPLIED: Partial<Record<AdminScope, readonly AdminScope[]>> = {
  "config:owner": ["config:write", "config:read"],
  "config:write": ["config:read"],
  "keys:write": ["keys:read"],
};

/** The admin scopes among `scopes`, and those that come with them: who may write may read. */
export function adminScopes(scopes: readonly string[]): ReadonlySet<AdminScope> {
  const given = ADMIN_SCOPES.filter((scope) => scopes.includes(scope));
  return new Set(given.flatMap((scope) => [scope, ...(IMPLIED[scope] ?? [])]));
}

export function createAdmins(parts: KeyParts): Admins {
  const identify = createIdentify(parts);
  const root: Admin = { class: "admin", actor: "root", scopes: new Set(ADMIN_SCOPES) };
  return {
    async verifyAdmin(token) {
      if (await sameText(token, parts.roots.adminToken.reveal())) return ok(root);
      const record = await identify(token);
      if (record === undefined) return err("invalid");
      if (record.org !== null) return err("wrong_class");
      return ok({ class: "admin", actor: record.id, scopes: adminScopes(record.scopes) });
    },
  };
}
