/**
 * Decides: what is removed together with an organisation, a team or a user, in one transaction.
 * Never: leaves a key behind that belongs to what is gone.
 */
import { type AuditEntry, auditStatement, happened } from "./audit.ts";
import { CHILDREN, keysOf, type Place, TABLES } from "./tenants-place.ts";

export type Removed = {
  /** The ids of the keys that went with it. */
  readonly keys: readonly string[];
  /** The organisation's alias where it has an object, which has to be told. */
  readonly tenant: string | undefined;
};

/**
 * Removes the place if it is still at `revision`, and with `cascade` all that stands under it.
 * Undefined where nothing was removed, because of another revision or, without `cascade`, because
 * something stands under it.
 */
export async function removeTenant(
  db: D1Database,
  place: Place,
  revision: number,
  cascade: boolean,
  entry: AuditEntry,
): Promise<Removed | undefined> {
  const { kind, org, id } = place;
  const children = CHILDREN[kind];
  const self = `org = ?1 AND id = ?2 AND revision = ?3`;
  const under = (column: string): string => `org = ?1 AND ${column} = ?2`;
  const unchanged = `EXISTS (SELECT 1 FROM ${TABLES[kind]} WHERE ${self})`;
  const childless = children.map(
    ({ table, column }) => `NOT EXISTS (SELECT 1 FROM ${table} WHERE ${under(column)})`,
  );

  const removeChildren = children.flatMap((child) => {
    const those = `FROM ${child.table} WHERE ${under(child.column)} AND ${unchanged}`;
    const target =
      child.kind === "key" ? "'key/' || id" : `'org/' || org || '/${child.kind}/' || id`;
    return [
      db
        .prepare(
          `INSERT INTO audit (at, actor, action, target, request_id)
           SELECT ?4, ?5, '${child.kind}.delete', ${target}, ?6 ${those}`,
        )
        .bind(org, id, revision, entry.at, entry.actor, entry.requestId ?? null),
      db.prepare(`DELETE ${those}`).bind(org, id, revision),
    ];
  });
  const conditions = [self, ...(cascade ? [] : childless)].join(" AND ");
  const removeSelf = [
    db.prepare(`DELETE FROM ${TABLES[kind]} WHERE ${conditions}`).bind(org, id, revision),
    auditStatement(db, entry),
  ];
  const [keys, object, ...done] = await db.batch<{ id: string }>([
    keysOf(db, place),
    db.prepare("SELECT tenant AS id FROM orgs WHERE id = ? AND object_at IS NOT NULL").bind(org),
    ...(cascade ? removeChildren : []),
    ...removeSelf,
  ]);
  if (!happened(done.at(-2))) return undefined;
  return { keys: keys?.results.map((key) => key.id) ?? [], tenant: object?.results[0]?.id };
}
