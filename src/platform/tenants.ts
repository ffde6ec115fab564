/**
 * Decides: how organisations, teams and users are kept, each change with its row in the audit.
 * Never: is asked by the data plane, and never overwrites what somebody else changed meanwhile.
 */
import type { Clock } from "../base/clock.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { Policy } from "../domain/config/schema.ts";
import { type Failure, failure } from "../domain/error.ts";
import { auditStatement, type By, fingerprint, happened, MOST_TRIES } from "./audit.ts";
import { freshId } from "./crypto.ts";
import { allDone, withdraw, withdrawUnder } from "./keys-published.ts";
import type { TellObject, TellTenant } from "./organisations.ts";
import { type Page, type PageAt, pageOf } from "./tenants-page.ts";
import { entityOf, type Kind, type Place, TABLES, targetOf } from "./tenants-place.ts";
import { removeTenant } from "./tenants-remove.ts";

export type Tenant = {
  readonly id: string;
  readonly name: string;
  readonly policy: Policy;
  /** Organisations only: where Cloudflare is to keep what is theirs. */
  readonly location_hint?: string;
};

/** All but `get` and `list` fail without a trace in the audit, or succeed with one. */
export type Tenants = {
  /** `not_found` where the organisation is missing, `already_exists` where the id is taken. */
  create(kind: Kind, org: string, fields: Tenant, by: By): Promise<Result<Tenant, Failure>>;
  get(place: Place): Promise<Result<Tenant, Failure>>;
  /** `org` is ignored for organisations; where it does not exist: `not_found`. */
  list(kind: Kind, org: string, at: PageAt): Promise<Result<Page<Tenant>, Failure>>;
  /** `change` says what is to become of what stands there; it may be asked again after a race. */
  patch(
    place: Place,
    change: (now: Tenant) => Result<Tenant, Failure>,
    by: By,
  ): Promise<Result<Tenant, Failure>>;
  /** `has_children` where something stands under it, unless `cascade`, which removes that first. */
  remove(place: Place, cascade: boolean, by: By): Promise<Result<null, Failure>>;
};

type Row = {
  id: string;
  name: string;
  policy: string;
  location_hint?: string | null;
  revision: number;
};

const tenantOf = (row: Row): Tenant => ({
  id: row.id,
  name: row.name,
  policy: JSON.parse(row.policy) as Policy,
  ...(row.location_hint == null ? {} : { location_hint: row.location_hint }),
});

const missing = err(failure("not_found"));
const conflict = err(failure("version_conflict"));

export type TenantParts = {
  readonly db: D1Database;
  readonly kv: KVNamespace;
  readonly clock: Clock;
  readonly tellObject: TellObject;
  readonly tellTenant: TellTenant;
};

export function createTenants(parts: TenantParts): Tenants {
  const { db, kv, clock, tellObject, tellTenant } = parts;
  const read = ({ kind, org, id }: Place): Promise<Row | null> =>
    db.prepare(`SELECT * FROM ${TABLES[kind]} WHERE org = ? AND id = ?`).bind(org, id).first<Row>();
  const exists = async (org: string): Promise<boolean> =>
    (await read({ kind: "org", org, id: org })) !== null;

  const insert = (kind: Kind, org: string, { id, name, policy, location_hint }: Tenant) =>
    kind === "org"
      ? db
          .prepare(
            `INSERT INTO orgs (id, tenant, name, policy, location_hint, created_at)
             VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
          )
          .bind(id, freshId(), name, JSON.stringify(policy), location_hint ?? null, clock.now())
      : db
          .prepare(
            `INSERT INTO ${TABLES[kind]} (org, id, name, policy, created_at)
             SELECT id, ?, ?, ?, ? FROM orgs WHERE id = ? ON CONFLICT DO NOTHING`,
          )
          .bind(id, name, JSON.stringify(policy), clock.now(), org);

  return {
    async create(kind, org, fields, by) {
      const [made] = await db.batch([
        insert(kind, org, fields),
        auditStatement(db, {
          ...by,
          at: clock.now(),
          action: `${kind}.create`,
          target: targetOf({ kind, org, id: fields.id }),
          before: undefined,
          after: await fingerprint(fields),
        }),
      ]);
      if (happened(made)) return ok(fields);
      const taken = kind === "org" || (await exists(org));
      return taken ? err(failure("already_exists", { param: "id" })) : missing;
    },

    async get(place) {
      const row = await read(place);
      return row === null ? missing : ok(tenantOf(row));
    },

    async list(kind, org, { limit, cursor }) {
      const { results } = await db
        .prepare(
          `SELECT * FROM ${TABLES[kind]} WHERE (?1 OR org = ?2) AND id > ?3 ORDER BY id LIMIT ?4`,
        )
        .bind(kind === "org" ? 1 : 0, org, cursor, limit + 1)
        .all<Row>();
      if (results.length === 0 && kind !== "org" && !(await exists(org))) return missing;
      return ok(pageOf(results.map(tenantOf), limit));
    },

    async patch(place, change, by) {
      for (let tries = 0; tries < MOST_TRIES; tries++) {
        const row = await read(place);
        if (row === null) return missing;
        const now = tenantOf(row);
        const next = change(now);
        if (!next.ok) return next;
        const before = await fingerprint(now);
        const after = await fingerprint(next.value);
        if (before === after) return ok(now);
        const { name, policy, location_hint } = next.value;
        const hint = place.kind === "org" ? ", location_hint = ?6" : "";
        const [done] = await db.batch([
          db
            .prepare(
              `UPDATE ${TABLES[place.kind]} SET revision = revision + 1, name = ?1, policy = ?2${hint}
               WHERE org = ?3 AND id = ?4 AND revision = ?5`,
            )
            .bind(
              ...[name, JSON.stringify(policy), place.org, place.id, row.revision],
              ...(place.kind === "org" ? [location_hint ?? null] : []),
            ),
          auditStatement(db, {
            ...by,
            at: clock.now(),
            action: `${place.kind}.update`,
            target: targetOf(place),
            before,
            after,
          }),
        ]);
        if (!happened(done)) continue;
        await allDone([
          withdrawUnder(place, parts),
          tellObject(place.org, [{ entity: entityOf(place), revision: row.revision + 1 }]),
        ]);
        return ok(next.value);
      }
      return conflict;
    },

    async remove(place, cascade, by) {
      for (let tries = 0; tries < MOST_TRIES; tries++) {
        const row = await read(place);
        if (row === null) return missing;
        const removed = await removeTenant(db, place, row.revision, cascade, {
          ...by,
          at: clock.now(),
          action: `${place.kind}.delete`,
          target: targetOf(place),
          before: await fingerprint(tenantOf(row)),
          after: undefined,
        });
        if (removed !== undefined) {
          const { keys, tenant } = removed;
          const gone = [...keys.map((key) => `key:${key}`), entityOf(place)];
          const changes = gone.map((entity) => ({ entity, revision: undefined }));
          await allDone([
            withdraw(kv, keys, clock.now()),
            ...(tenant === undefined ? [] : [tellTenant(tenant, changes)]),
          ]);
          return ok(null);
        }
        const still = await read(place);
        if (still?.revision === row.revision) return err(failure("has_children"));
      }
      return conflict;
    },
  };
}
