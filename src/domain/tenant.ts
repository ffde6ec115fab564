/**
 * Decides: who somebody is, once a key has been verified: an admin or a caller, never both.
 * Never: exists by default. There is no empty principal to fall back to.
 */
import type { Policy } from "./config/schema.ts";

export const DATA_SCOPES = ["chat", "embeddings", "usage:read"] as const;
export const ADMIN_SCOPES = [
  "config:read",
  "config:write",
  "config:owner",
  "keys:read",
  "keys:write",
  "usage:read",
  "audit:read",
] as const;
export type DataScope = (typeof DATA_SCOPES)[number];
export type AdminScope = (typeof ADMIN_SCOPES)[number];

/** Where a policy stands: above everybody, or at an organisation, team, user or key. */
export type PolicyPlace = "config" | "org" | "team" | "user" | "key";

export type PolicyLevel = { readonly place: PolicyPlace; readonly policy: Policy };

/** How often what a key's record is made of had been changed when it was read; each only rises. */
export type Revisions = {
  readonly key: number;
  readonly org?: number;
  readonly team?: number;
  readonly user?: number;
};

/** How often kept answers were purged: all of the organisation's, and those of single models. Each only rises. */
export type Purges = {
  readonly org: number;
  readonly models: Readonly<Record<string, number>>;
};

/** The holder of a data key. Ids are unique within the organisation. */
export type Caller = {
  readonly org: string;
  /** The organisation's random 8-character alias: part of its keys and request ids. */
  readonly tenant: string;
  readonly team: string | undefined;
  readonly user: string | undefined;
  readonly key: string;
  readonly keyName: string | undefined;
  readonly scopes: ReadonlySet<DataScope>;
  /** Fixed on the key; they win over the caller's. */
  readonly tags: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number | undefined;
  /** From the organisation down to the key; the configuration's own policy stands in the snapshot. */
  readonly policies: readonly Policy[];
  /** The same, each with its level. */
  readonly levels: readonly PolicyLevel[];
  /** The first key of its chain of rotations: what its counts go by. */
  readonly lineage: string;
  readonly revisions: Revisions;
  /** Where the organisation's object is to be kept; undefined: near its first caller. */
  readonly locationHint: string | undefined;
  /** Absent where nothing was ever purged. */
  readonly purges?: Purges;
};

/** The holder of ADMIN_TOKEN (`actor` is "root") or of an admin key (`actor` is its id). */
export type Admin = {
  readonly actor: string;
  readonly scopes: ReadonlySet<AdminScope>;
};
