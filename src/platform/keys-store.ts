/**
 * Decides: how keys are made, changed, rotated and revoked, each with its row in the audit.
 * Never: keeps a key or shows one twice, and never lets a change loosen a key by accident.
 */
import type { Clock } from "../base/clock.ts";
import { err, ok, type Result } from "../base/result.ts";
import { ADMIN_TENANT } from "../domain/api-key.ts";
import { type Failure, failure } from "../domain/error.ts";
import {
  type AuditEntry,
  auditStatement,
  type By,
  fingerprint,
  happened,
  MOST_TRIES,
} from "./audit.ts";
import { createKeyCrypto, freshId, freshSecret } from "./crypto.ts";
import { allDone, withdraw } from "./keys-published.ts";
import {
  insertKey,
  insertSuccessor,
  type KeyFields,
  type KeyRow,
  keyOf,
  type StoredKey,
  updateKey,
} from "./keys-rows.ts";
import type { TellObject } from "./organisations.ts";
import type { Roots } from "./roots.ts";
import { type Page, type PageAt, pageOf } from "./tenants-page.ts";

/** `key` is the whole key: the only time that it is seen. */
export type NewKey = StoredKey & { readonly key: string };

/** May be asked again after a race. */
export type KeyChange = (now: StoredKey) => Result<KeyFields, Failure>;

export type KeyStore = {
  /** `not_found` with `param` where the organisation, team or user is missing. */
  create(org: string | null, fields: KeyFields, by: By): Promise<Result<NewKey, Failure>>;
  get(id: string): Promise<Result<StoredKey, Failure>>;
  /** All keys, or those of one organisation. */
  list(org: string | undefined, at: PageAt): Promise<Page<StoredKey>>;
  patch(id: string, change: KeyChange, by: By): Promise<Result<StoredKey, Failure>>;
  /** The key is gone, and within seconds refused everywhere. */
  revoke(id: string, by: By): Promise<Result<null, Failure>>;
  /**
   * A successor with all that the key may do, also its expiry; the key itself ends after
   * `overlap` milliseconds. `version_conflict` where it was rotated before or has expired.
   */
  rotate(
    id: string,
    overlap: number,
    allowed: (now: StoredKey) => Failure | undefined,
    by: By,
  ): Promise<Result<NewKey & { readonly previous_expires_at: number }, Failure>>;
};

type Parts = {
  readonly db: D1Database;
  readonly kv: KVNamespace;
  readonly clock: Clock;
  readonly roots: Roots;
  readonly tellObject: TellObject;
};

const missing = err(failure("not_found"));
const conflict = err(failure("version_conflict"));

export function createKeyStore({ db, kv, clock, roots, tellObject }: Parts): KeyStore {
  const crypto = createKeyCrypto(roots);
  const read = (id: string): Promise<KeyRow | null> =>
    db
      .prepare(
        "SELECT keys.*, orgs.tenant FROM keys LEFT JOIN orgs ON orgs.id = keys.org WHERE keys.id = ?",
      )
      .bind(id)
      .first<KeyRow>();

  /** Which of what a key is to belong to does not exist. */
  const absent = async (org: string, { team, user }: KeyFields): Promise<string | undefined> => {
    const there = await db
      .prepare(
        `SELECT EXISTS (SELECT 1 FROM orgs WHERE id = ?1) AS org,
           EXISTS (SELECT 1 FROM teams WHERE org = ?1 AND id = ?2) AS team,
           EXISTS (SELECT 1 FROM users WHERE org = ?1 AND id = ?3) AS user`,
      )
      .bind(org, team, user)
      .first<{ org: number; team: number; user: number }>();
    if (!there?.org) return "org";
    if (team !== null && !there.team) return "team";
    return user !== null && !there.user ? "user" : undefined;
  };

  const tenantOf = async (org: string | null): Promise<string | null> =>
    org === null
      ? ADMIN_TENANT
      : db.prepare("SELECT tenant FROM orgs WHERE id = ?").bind(org).first<string>("tenant");

  /** Takes the published record out of circulation, and has the object refuse what was read of it. */
  const retire = async (
    id: string,
    org: string | null,
    revision?: number,
    until?: number,
  ): Promise<void> => {
    await allDone([
      withdraw(kv, [id], clock.now()),
      ...(org === null ? [] : [tellObject(org, [{ entity: `key:${id}`, revision, until }])]),
    ]);
  };

  const entry = async (
    verb: string,
    by: By,
    id: string,
    before: StoredKey | undefined,
    after: StoredKey | undefined,
  ): Promise<AuditEntry> => ({
    ...by,
    at: clock.now(),
    action: `key.${verb}`,
    target: `key/${id}`,
    before: before && (await fingerprint(before)),
    after: after && (await fingerprint(after)),
  });

  return {
    async create(org, fields, by) {
      const tenant = await tenantOf(org);
      if (tenant === null) return err(failure("not_found", { param: "org" }));
      const id = freshId();
      const { key, ...kept } = await crypto.mint(tenant, id, freshSecret());
      const made: StoredKey = {
        id,
        org,
        ...fields,
        created_at: clock.now(),
        last4: kept.last4,
        rotated_to: null,
      };
      const [inserted] = await db.batch([
        insertKey(db, made, tenant, kept),
        auditStatement(db, await entry("create", by, id, undefined, made)),
      ]);
      if (happened(inserted)) return ok({ ...made, key });
      return err(failure("not_found", { param: (await absent(org ?? "", fields)) ?? "org" }));
    },

    async get(id) {
      const row = await read(id);
      return row === null ? missing : ok(keyOf(row));
    },

    async list(org, { limit, cursor }) {
      const { results } = await db
        .prepare(
          "SELECT * FROM keys WHERE (?1 IS NULL OR org = ?1) AND id > ?2 ORDER BY id LIMIT ?3",
        )
        .bind(org ?? null, cursor, limit + 1)
        .all<KeyRow>();
      return pageOf(results.map(keyOf), limit);
    },

    async patch(id, change, by) {
      for (let tries = 0; tries < MOST_TRIES; tries++) {
        const row = await read(id);
        if (row === null) return missing;
        const now = keyOf(row);
        const fields = change(now);
        if (!fields.ok) return fields;
        const next = { ...now, ...fields.value };
        const record = await entry("update", by, id, now, next);
        if (record.before === record.after) return ok(now);
        const [updated] = await db.batch([
          updateKey(db, next, row.revision),
          auditStatement(db, record),
        ]);
        if (happened(updated)) {
          await retire(id, row.org, row.revision + 1);
          return ok(next);
        }
        const param = row.org === null ? undefined : await absent(row.org, fields.value);
        if (param !== undefined) return err(failure("not_found", { param }));
      }
      return conflict;
    },

    async revoke(id, by) {
      const row = await read(id);
      // Withdrawn in any case: so a second DELETE mends what a failure of KV left of the first.
      if (row === null) {
        await withdraw(kv, [id], clock.now());
        return missing;
      }
      const [deleted] = await db.batch([
        db.prepare("DELETE FROM keys WHERE id = ?").bind(id),
        auditStatement(db, await entry("revoke", by, id, keyOf(row), undefined)),
      ]);
      await retire(id, row.org);
      return happened(deleted) ? ok(null) : missing;
    },

    async rotate(id, overlap, allowed, by) {
      for (let tries = 0; tries < MOST_TRIES; tries++) {
        const row = await read(id);
        if (row === null) return missing;
        const now = keyOf(row);
        const refused = allowed(now);
        if (refused !== undefined) return err(refused);
        const expired = now.expires_at !== null && now.expires_at <= clock.now();
        if (now.rotated_to !== null || expired) return conflict;

        const until = Math.min(clock.now() + overlap, now.expires_at ?? Number.POSITIVE_INFINITY);
        const successor = freshId();
        const minted = await crypto.mint(row.tenant ?? ADMIN_TENANT, successor, freshSecret());
        const { key, ...kept } = minted;
        const old = { ...now, expires_at: until, rotated_to: successor };
        const next = { ...now, id: successor, created_at: clock.now(), last4: kept.last4 };
        const [updated] = await db.batch([
          updateKey(db, old, row.revision),
          auditStatement(db, await entry("rotate", by, id, now, old)),
          insertSuccessor(db, id, next, kept),
          auditStatement(db, await entry("create", by, successor, undefined, next)),
        ]);
        if (!happened(updated)) continue;
        await retire(id, row.org, row.revision + 1, until);
        return ok({ ...next, key, previous_expires_at: until });
      }
      return conflict;
    },
  };
}
