/**
 * Decides: how a key lies in its table, and the three statements that write it.
 * Never: holds the secret: only the digest of it comes here.
 */
import type { Policy } from "../domain/config/schema.ts";
import type { MintedKey } from "./crypto.ts";

/** What an admin may say about a key. */
export type KeyFields = {
  readonly team: string | null;
  readonly user: string | null;
  readonly name: string | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly scopes: readonly string[];
  readonly policy: Policy;
  /** Milliseconds since the epoch; null is never. */
  readonly expires_at: number | null;
};

export type StoredKey = KeyFields & {
  readonly id: string;
  /** Null for an admin key. */
  readonly org: string | null;
  /** Milliseconds since the epoch. */
  readonly created_at: number;
  readonly last4: string;
  /** The key that took over from this one. */
  readonly rotated_to: string | null;
};

export type KeyRow = Omit<StoredKey, "tags" | "scopes" | "policy"> & {
  readonly tags: string;
  readonly scopes: string;
  readonly policy: string;
  readonly tenant: string | null;
  readonly revision: number;
};

export type Kept = Omit<MintedKey, "key">;

export const keyOf = (row: KeyRow): StoredKey => ({
  id: row.id,
  org: row.org,
  team: row.team,
  user: row.user,
  name: row.name,
  tags: JSON.parse(row.tags) as Record<string, string>,
  scopes: JSON.parse(row.scopes) as string[],
  policy: JSON.parse(row.policy) as Policy,
  expires_at: row.expires_at,
  created_at: row.created_at,
  last4: row.last4,
  rotated_to: row.rotated_to,
});

/** In the order of the placeholders ?2 to ?8 below. */
const fieldsOf = (key: KeyFields) => [
  key.team,
  key.user,
  key.name,
  JSON.stringify(key.tags),
  JSON.stringify(key.scopes),
  JSON.stringify(key.policy),
  key.expires_at,
];

/** Of the organisation in ?1: a key is written only where its team ?2 and user ?3 exist. */
const MEMBERS = `
  (?2 IS NULL OR EXISTS (SELECT 1 FROM teams WHERE org = ?1 AND id = ?2)) AND
  (?3 IS NULL OR EXISTS (SELECT 1 FROM users WHERE org = ?1 AND id = ?3))`;

/** Inserts nothing where the organisation with the alias `tenant`, the team or the user is missing. */
export const insertKey = (db: D1Database, key: StoredKey, tenant: string, kept: Kept) =>
  db
    .prepare(
      `INSERT INTO keys (org, team, user, name, tags, scopes, policy, expires_at,
         id, created_at, digest, pepper, last4, lineage)
       SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?9
       WHERE (?1 IS NULL OR EXISTS (SELECT 1 FROM orgs WHERE id = ?1 AND tenant = ?14)) AND ${MEMBERS}`,
    )
    .bind(
      key.org,
      ...fieldsOf(key),
      ...[key.id, key.created_at, kept.digest, kept.pepper, kept.last4, tenant],
    );

/** Changes nothing where the key is not at `revision`, or its team or user is missing. */
export const updateKey = (db: D1Database, key: StoredKey, revision: number) =>
  db
    .prepare(
      `UPDATE keys SET team = ?2, user = ?3, name = ?4, tags = ?5, scopes = ?6, policy = ?7,
         expires_at = ?8, rotated_to = ?9, revision = revision + 1
       WHERE id = ?10 AND revision = ?11 AND ${MEMBERS}`,
    )
    .bind(key.org, ...fieldsOf(key), key.rotated_to, key.id, revision);

/** Inserts the key that `previous` says was put in its place: its twin, but for secret and expiry. */
export const insertSuccessor = (db: D1Database, previous: string, key: StoredKey, kept: Kept) =>
  db
    .prepare(
      `INSERT INTO keys (org, team, user, name, tags, scopes, policy, lineage,
         id, expires_at, created_at, digest, pepper, last4)
       SELECT org, team, user, name, tags, scopes, policy, lineage, ?1, ?2, ?3, ?4, ?5, ?6
       FROM keys WHERE id = ?7 AND rotated_to = ?1`,
    )
    .bind(
      ...[key.id, key.expires_at, key.created_at],
      ...[kept.digest, kept.pepper, kept.last4, previous],
    );
