/**
 * Decides: who may use the admin plane: the holder of ADMIN_TOKEN, or of a live key without organisation.
 * Never: takes an absent token for an empty one, lets a data key through, or goes by a copy of an admin key: no
 * object stands behind it that would know of its revocation.
 */
import { err, ok, type Result } from "../base/result.ts";
import { ADMIN_TENANT, type ApiKey, parseApiKey } from "../domain/api-key.ts";
import { ADMIN_SCOPES, type Admin, type AdminScope } from "../domain/tenant.ts";
import { createKeyCrypto, sameText } from "./crypto.ts";
import { createIdentify, type KeyParts } from "./keys.ts";
import { type KeyRecord, loadRecord } from "./keys-record.ts";

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
  const { identify } = createIdentify(parts);
  const crypto = createKeyCrypto(parts.roots);

  /** As the database has it now. */
  const liveRecord = async (key: ApiKey): Promise<KeyRecord | undefined> => {
    if (!(await crypto.genuine(key))) return undefined;
    const record = await loadRecord(parts.db, key.id);
    if (!(await crypto.matches(key.secret, record)) || record?.org !== null) return undefined;
    const { expiresAt } = record;
    return expiresAt === null || parts.clock.now() < expiresAt ? record : undefined;
  };

  const root: Admin = { actor: "root", scopes: new Set(ADMIN_SCOPES) };
  return {
    async verifyAdmin(token) {
      if (await sameText(token, parts.roots.adminToken.reveal())) return ok(root);
      const key = parseApiKey(token);
      if (key?.tenant !== ADMIN_TENANT) {
        return err((await identify(token)) === undefined ? "invalid" : "wrong_class");
      }
      const record = await liveRecord(key);
      if (record === undefined) return err("invalid");
      return ok({ actor: record.id, scopes: adminScopes(record.scopes) });
    },
  };
}
