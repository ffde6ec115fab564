/**
 * Decides: how kept answers are purged: the organisation's count goes up, on record, and nobody is admitted by
 * the old count afterwards – so that no old answer is given from anywhere once the purge is acknowledged.
 * Never: looks for the entries themselves: they are not found any more, and KV forgets them in time.
 */
import type { Clock } from "../base/clock.ts";
import { err, ok, type Result } from "../base/result.ts";
import { type Failure, failure } from "../domain/error.ts";
import type { Purges } from "../domain/tenant.ts";
import { purged } from "../policy/cache/freshness.ts";
import { auditStatement, type By, fingerprint, happened, MOST_TRIES } from "./audit.ts";
import { allDone, withdrawUnder } from "./keys-published.ts";
import type { TellObject } from "./organisations.ts";

export type CachePurge = {
  /** `model`: a model or a route; undefined: all. `not_found` where the organisation is missing. */
  purge(org: string, model: string | undefined, by: By): Promise<Result<null, Failure>>;
  /** The same for every organisation. */
  purgeAll(model: string | undefined, by: By): Promise<Result<null, Failure>>;
};

export type CachePurgeParts = {
  readonly db: D1Database;
  readonly kv: KVNamespace;
  readonly clock: Clock;
  readonly tellObject: TellObject;
};

/** Names that a key's record carries; beyond them everything is purged instead. */
const MOST_MODELS = 100;
/** Organisations at once. */
const AT_ONCE = 6;

const next = (before: Purges, model: string | undefined): Purges => {
  const after = purged(before, model);
  return Object.keys(after.models).length > MOST_MODELS ? purged(before, undefined) : after;
};

export const createCachePurge = (parts: CachePurgeParts): CachePurge => {
  const { db, clock, tellObject } = parts;

  /** The revision that it made; undefined where somebody else was faster. */
  const count = async (
    org: string,
    model: string | undefined,
    by: By,
  ): Promise<Result<number | undefined, Failure>> => {
    const row = await db
      .prepare("SELECT cache_purges, revision FROM orgs WHERE id = ?")
      .bind(org)
      .first<{ cache_purges: string; revision: number }>();
    if (row === null) return err(failure("not_found", { param: "org" }));
    const before = JSON.parse(row.cache_purges) as Purges;
    const after = next(before, model);
    const [done] = await db.batch([
      db
        .prepare(
          `UPDATE orgs SET revision = revision + 1, cache_purges = ?1
           WHERE id = ?2 AND revision = ?3`,
        )
        .bind(JSON.stringify(after), org, row.revision),
      auditStatement(db, {
        ...by,
        at: clock.now(),
        action: "cache.purge",
        target: `org/${org}/cache${model === undefined ? "" : `/${model}`}`,
        before: await fingerprint(before),
        after: await fingerprint(after),
      }),
    ]);
    return ok(happened(done) ? row.revision + 1 : undefined);
  };

  const purge: CachePurge["purge"] = async (org, model, by) => {
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const counted = await count(org, model, by);
      if (!counted.ok) return counted;
      const revision = counted.value;
      if (revision === undefined) continue;
      await allDone([
        withdrawUnder({ kind: "org", org, id: org }, parts),
        tellObject(org, [{ entity: "org", revision }]),
      ]);
      return ok(null);
    }
    return err(failure("version_conflict"));
  };

  return {
    purge,
    async purgeAll(model, by) {
      const { results } = await db.prepare("SELECT id FROM orgs ORDER BY id").all<{ id: string }>();
      for (let at = 0; at < results.length; at += AT_ONCE) {
        const some = results.slice(at, at + AT_ONCE);
        const done = await Promise.all(some.map(({ id }) => purge(id, model, by)));
        // One that was removed meanwhile has nothing left to purge.
        const failed = done.find((each) => !each.ok && each.error.code !== "not_found");
        if (failed !== undefined) return failed;
      }
      return ok(null);
    },
  };
};
