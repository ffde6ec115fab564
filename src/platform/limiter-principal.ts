/**
 * Decides: what an organisation's object is told of a caller: made once a caller.
 * Never: holds his scopes or policies; what a request may do was decided by them before.
 */
import type { Caller } from "../domain/tenant.ts";
import type { Principal } from "./objects/organisation-calls.ts";

const made = new WeakMap<Caller, Principal>();

export const principalOf = (caller: Caller): Principal => {
  const known = made.get(caller);
  if (known !== undefined) return known;
  const { org, tenant, key, lineage, team, user, expiresAt, revisions } = caller;
  const principal = { org, tenant, key, lineage, team, user, expiresAt, revisions };
  made.set(caller, principal);
  return principal;
};
