/**
 * Decides: how organisations, teams and users are addressed, alike: by kind, organisation and id.
 * Never: reads or writes any of them.
 */
export type Kind = "org" | "team" | "user";

/** Of an organisation, `org` and `id` are the same. */
export type Place = { readonly kind: Kind; readonly org: string; readonly id: string };

export const TABLES = { org: "orgs", team: "teams", user: "users" } as const;

/** What stands under a place: in which table, and by which column it says so. */
export const CHILDREN = {
  org: [
    { kind: "key", table: "keys", column: "org" },
    { kind: "team", table: "teams", column: "org" },
    { kind: "user", table: "users", column: "org" },
  ],
  team: [{ kind: "key", table: "keys", column: "team" }],
  user: [{ kind: "key", table: "keys", column: "user" }],
} as const;

/** How a place is named in the audit. */
export const targetOf = ({ kind, org, id }: Place): string =>
  kind === "org" ? `org/${org}` : `org/${org}/${kind}/${id}`;

/** How the organisation's object knows a place. */
export const entityOf = ({ kind, id }: Place): string => (kind === "org" ? "org" : `${kind}:${id}`);

/** The ids of the keys whose published record holds something of this place. */
export const keysOf = (db: D1Database, { kind, org, id }: Place): D1PreparedStatement =>
  db.prepare(`SELECT id FROM keys WHERE org = ? AND ${kind} = ?`).bind(org, id);
