/**
 * Decides: what is published of a key: all that a request needs to know of it, in one value.
 * Never: holds the secret, or decides whether the key may be used.
 */
import type { Policy } from "../domain/config/schema.ts";
import type { PolicyLevel, Purges, Revisions } from "../domain/tenant.ts";
import type { KeptSecret } from "./crypto.ts";

export type KeyRecord = KeptSecret & {
  readonly id: string;
  /** Null for an admin key, as are the four after it where they are not set. */
  readonly org: string | null;
  readonly tenant: string | null;
  readonly team: string | null;
  readonly user: string | null;
  readonly name: string | null;
  readonly scopes: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch; null is never. */
  readonly expiresAt: number | null;
  /** From the organisation down to the key; empty ones are left out. */
  readonly levels: readonly PolicyLevel[];
  /** The first key of its chain of rotations: what its counts go by. */
  readonly lineage: string;
  readonly revisions: Revisions;
  readonly locationHint: string | null;
  /** Absent where nothing was ever purged. */
  readonly purges?: Purges;
};

type Row = {
  id: string;
  org: string | null;
  tenant: string | null;
  team: string | null;
  user: string | null;
  name: string | null;
  scopes: string;
  tags: string;
  expires_at: number | null;
  digest: string;
  pepper: string;
  policy: string;
  org_policy: string | null;
  team_policy: string | null;
  user_policy: string | null;
  lineage: string;
  location_hint: string | null;
  cache_purges: string | null;
  revision: number;
  org_revision: number | null;
  team_revision: number | null;
  user_revision: number | null;
};

const SELECT = `
  SELECT keys.id, keys.org, orgs.tenant, keys.team, keys.user, keys.name, keys.scopes, keys.tags,
    keys.expires_at, keys.digest, keys.pepper, keys.policy,
    keys.lineage, keys.revision, orgs.location_hint, orgs.cache_purges,
    orgs.policy AS org_policy, teams.policy AS team_policy, users.policy AS user_policy,
    orgs.revision AS org_revision, teams.revision AS team_revision, users.revision AS user_revision
  FROM keys
  LEFT JOIN orgs ON orgs.id = keys.org
  LEFT JOIN teams ON teams.org = keys.org AND teams.id = keys.team
  LEFT JOIN users ON users.org = keys.org AND users.id = keys.user
  WHERE keys.id = ?`;

const NOTHING_PURGED = '{"org":0,"models":{}}';

/** The key as the database has it now; undefined where it has none of that id. */
export async function loadRecord(db: D1Database, id: string): Promise<KeyRecord | undefined> {
  const row = await db.prepare(SELECT).bind(id).first<Row>();
  if (row === null) return undefined;
  const policies = [
    ["org", row.org_policy],
    ["team", row.team_policy],
    ["user", row.user_policy],
    ["key", row.policy],
  ] as const;
  return {
    id: row.id,
    org: row.org,
    tenant: row.tenant,
    team: row.team,
    user: row.user,
    name: row.name,
    scopes: JSON.parse(row.scopes) as string[],
    tags: JSON.parse(row.tags) as Record<string, string>,
    expiresAt: row.expires_at,
    digest: row.digest,
    pepper: row.pepper,
    levels: policies.flatMap(([place, text]) =>
      text === null || text === "{}" ? [] : [{ place, policy: JSON.parse(text) as Policy }],
    ),
    lineage: row.lineage,
    revisions: {
      key: row.revision,
      ...(row.org_revision !== null && { org: row.org_revision }),
      ...(row.team_revision !== null && { team: row.team_revision }),
      ...(row.user_revision !== null && { user: row.user_revision }),
    },
    locationHint: row.location_hint,
    ...(row.cache_purges !== null &&
      row.cache_purges !== NOTHING_PURGED && { purges: JSON.parse(row.cache_purges) as Purges }),
  };
}
