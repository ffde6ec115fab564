/**
 * Decides: who the holder of a key's record is: made once a record, not once a request.
 * Never: judges whether the key is live.
 */
import { type Caller, DATA_SCOPES } from "../domain/tenant.ts";
import type { KeyRecord } from "./keys-record.ts";

const made = new WeakMap<KeyRecord, Caller>();

const make = (record: KeyRecord, org: string, tenant: string): Caller => ({
  org,
  tenant,
  team: record.team ?? undefined,
  user: record.user ?? undefined,
  key: record.id,
  keyName: record.name ?? undefined,
  scopes: new Set(DATA_SCOPES.filter((scope) => record.scopes.includes(scope))),
  tags: record.tags,
  expiresAt: record.expiresAt ?? undefined,
  policies: record.levels.map(({ policy }) => policy),
  levels: record.levels,
  lineage: record.lineage,
  revisions: record.revisions,
  locationHint: record.locationHint ?? undefined,
  ...(record.purges !== undefined && { purges: record.purges }),
});

/** Undefined for the key of an admin. */
export const callerOf = (record: KeyRecord): Caller | undefined => {
  const { org, tenant } = record;
  if (org === null || tenant === null) return undefined;
  const known = made.get(record);
  if (known !== undefined) return known;
  const caller = make(record, org, tenant);
  made.set(record, caller);
  return caller;
};
