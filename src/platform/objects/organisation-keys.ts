/**
 * Decides: whether what an isolate believes of a key and of the policies above it is still true: the object
 * knows of every change that was made after it had looked for the first time.
 * Never: asks the database twice for the same thing, and never admits by a record older than it knows.
 *
 * The object writes that it exists before it looks up the first key. A change that commits before the look
 * is seen by it; whoever commits one after it finds the mark and tells the object (../organisations.ts).
 */
import type { Change, Judgement, Principal } from "./organisation-calls.ts";
import type { PruneTurn } from "./organisation-prune.ts";

const TABLES = `
  CREATE TABLE IF NOT EXISTS known
    (entity TEXT PRIMARY KEY, revision INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS gone
    (entity TEXT PRIMARY KEY, noticed INTEGER NOT NULL) WITHOUT ROWID`;

/** A key that was revoked: no record's revision is above it. */
const GONE = Number.MAX_SAFE_INTEGER;

/**
 * Milliseconds that a revoked key is remembered: longer than any copy of its record lives (an hour), and than the
 * time back to which a database can be put (30 days). After it the database is asked again, once, if somebody
 * still comes with that key.
 */
const GONE_FOR_MS = 35 * 86_400_000;
const MOST_FORGOTTEN = 1_000;

type Needed = { readonly entity: string; readonly revision: number };

const needed = ({ key, team, user, revisions }: Principal): readonly Needed[] => [
  { entity: `key:${key}`, revision: revisions.key },
  { entity: "org", revision: revisions.org ?? 0 },
  ...(team === undefined ? [] : [{ entity: `team:${team}`, revision: revisions.team ?? 0 }]),
  ...(user === undefined ? [] : [{ entity: `user:${user}`, revision: revisions.user ?? 0 }]),
];

export type KnownKeys = {
  /** False where something has to be looked up first. */
  knows(principal: Principal): boolean;
  look(principal: Principal): Promise<void>;
  /** Believes the database where it knows less than the object: it was restored from a copy. */
  lookAnew(principal: Principal): Promise<void>;
  /** `now` in milliseconds since the epoch. */
  judge(principal: Principal, now: number): Judgement;
  change(changes: readonly Change[]): void;
  /** Another one after each change, and after each start: what was judged under one and the same is judged alike. */
  edition(): string;
  /** Notes which keys are gone by now, and forgets those that have been for long. True: there is more. */
  prune: PruneTurn;
};

/** For whoever has the time to have looked up what is not known. */
export const judgeAnew = async (
  keys: KnownKeys,
  principal: Principal,
  now: () => number,
): Promise<Judgement> => {
  if (!keys.knows(principal)) await keys.look(principal);
  if (keys.judge(principal, now()) === "stale") await keys.lookAnew(principal);
  return keys.judge(principal, now());
};

export const createKnownKeys = (sql: SqlStorage, db: D1Database): KnownKeys => {
  sql.exec(TABLES);
  const known = new Map<string, number>();
  for (const { entity, revision } of sql.exec<{ entity: string; revision: number }>(
    "SELECT entity, revision FROM known",
  )) {
    known.set(entity, revision);
  }
  let announced = known.size > 0;
  let edition: string = crypto.randomUUID();

  const learn = (entity: string, revision: number): void => {
    const newest = Math.max(revision, known.get(entity) ?? 0);
    sql.exec(
      "INSERT INTO known VALUES (?, ?) ON CONFLICT (entity) DO UPDATE SET revision = excluded.revision",
      entity,
      newest,
    );
    known.set(entity, newest);
  };

  const believe = (entity: string, revision: number): void => {
    sql.exec("UPDATE known SET revision = ? WHERE entity = ?", revision, entity);
    known.set(entity, revision);
  };

  const forget = (entity: string): void => {
    sql.exec("DELETE FROM known WHERE entity = ?", entity);
    known.delete(entity);
  };

  const announce = (tenant: string): Promise<unknown> =>
    db
      .prepare("UPDATE orgs SET object_at = coalesce(object_at, ?) WHERE tenant = ?")
      .bind(Date.now(), tenant)
      .run();

  /** What the database says of the key and of what stands above it. */
  const read = async (principal: Principal): Promise<readonly Needed[]> => {
    const { org, tenant, key, team, user } = principal;
    if (!announced) await announce(tenant);
    announced = true;
    const row = await db
      .prepare(
        `SELECT (SELECT revision FROM keys WHERE id = ?2 AND org = ?1) AS key,
           (SELECT revision FROM orgs WHERE id = ?1 AND tenant = ?5) AS org,
           (SELECT revision FROM teams WHERE org = ?1 AND id = ?3) AS team,
           (SELECT revision FROM users WHERE org = ?1 AND id = ?4) AS user`,
      )
      .bind(org, key, team ?? null, user ?? null, tenant)
      .first<{
        key: number | null;
        org: number | null;
        team: number | null;
        user: number | null;
      }>();
    const isGone = row?.key == null || row.org === null;
    return [
      { entity: `key:${key}`, revision: isGone ? GONE : (row?.key ?? GONE) },
      ...(row?.org == null ? [] : [{ entity: "org", revision: row.org }]),
      ...(team === undefined ? [] : [{ entity: `team:${team}`, revision: row?.team ?? 0 }]),
      ...(user === undefined ? [] : [{ entity: `user:${user}`, revision: row?.user ?? 0 }]),
    ];
  };

  return {
    knows: (principal) => announced && needed(principal).every(({ entity }) => known.has(entity)),

    async look(principal) {
      for (const { entity, revision } of await read(principal)) learn(entity, revision);
    },

    async lookAnew(principal) {
      const before = new Map(needed(principal).map(({ entity }) => [entity, known.get(entity)]));
      for (const { entity, revision } of await read(principal)) {
        // A change that was told while we read is newer than what we have read.
        const isUntouched = known.get(entity) === before.get(entity);
        if (isUntouched && known.get(entity) !== GONE) believe(entity, revision);
      }
    },

    judge(principal, now) {
      if (known.get(`key:${principal.key}`) === GONE) return "revoked";
      if (principal.expiresAt !== undefined && principal.expiresAt <= now) return "revoked";
      const old = needed(principal).some(
        ({ entity, revision }) => revision < (known.get(entity) ?? 0),
      );
      return old ? "stale" : "live";
    },

    edition: () => edition,

    change(changes) {
      edition = crypto.randomUUID();
      for (const { entity, revision } of changes) {
        if (revision !== undefined) learn(entity, revision);
        else if (entity.startsWith("key:")) learn(entity, GONE);
        else {
          // Another of that name begins to count anew.
          forget(entity);
        }
      }
    },

    prune(now) {
      const noticed = sql.exec(
        `INSERT INTO gone SELECT entity, ? FROM known WHERE revision = ?
         AND NOT EXISTS (SELECT 1 FROM gone WHERE gone.entity = known.entity) LIMIT ? RETURNING 1`,
        now,
        GONE,
        MOST_FORGOTTEN,
      );
      const isAllNoticed = noticed.toArray().length < MOST_FORGOTTEN;
      const old = sql
        .exec<{ entity: string }>(
          `DELETE FROM gone WHERE entity IN (SELECT entity FROM gone WHERE noticed < ? LIMIT ?)
           RETURNING entity`,
          now - GONE_FOR_MS,
          MOST_FORGOTTEN,
        )
        .toArray();
      for (const { entity } of old) forget(entity);
      return !isAllNoticed || old.length === MOST_FORGOTTEN;
    },
  };
};
