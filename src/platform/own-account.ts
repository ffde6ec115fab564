/**
 * Decides: what the holder of a key is told of his account, and of his own requests.
 * Never: tells him of another key's request: it is as absent as one that never was. The keys that his own was rotated
 * from are his, too, as long as the database has them.
 */
import { err, ok } from "../base/result.ts";
import type { Caller } from "../domain/tenant.ts";
import type { OwnAccount } from "../ports-account.ts";
import { principalOf } from "./limiter-principal.ts";
import type { OrganisationCalls } from "./objects/organisation-calls.ts";
import type { Reach } from "./organisation-reach.ts";

const unavailable = err("unavailable" as const);

/** Whether the key is one of the chain of rotations that ends with the caller's. */
const isHis = async (db: D1Database, caller: Caller, key: string): Promise<boolean> => {
  const { org, key: own, lineage } = caller;
  if (key === own || key === lineage) return true;
  if (own === lineage) return false;
  const found = await db
    .prepare(
      `SELECT 1 FROM keys WHERE id = ?1 AND org = ?2 AND lineage = ?3
         AND created_at < (SELECT created_at FROM keys WHERE id = ?4)`,
    )
    .bind(key, org, lineage, own)
    .first();
  return found !== null;
};

export const createOwnAccount = (parts: {
  readonly db: D1Database;
  readonly reach: Reach<OrganisationCalls>;
}): OwnAccount => {
  const { db, reach } = parts;
  return {
    async judge(caller) {
      const answer = await reach(caller, (object) => object.judge(principalOf(caller)));
      return answer.ok ? answer : unavailable;
    },
    async row(caller, requestId) {
      const answer = await reach(caller, (object) => object.row(requestId));
      if (!answer.ok) return unavailable;
      const row = answer.value;
      if (row === undefined) return ok(undefined);
      try {
        return ok((await isHis(db, caller, row.key)) ? row : undefined);
      } catch {
        return unavailable;
      }
    },
    async standing(caller, rules) {
      const { lineage } = caller;
      const [standings, spend] = await Promise.all([
        reach(caller, (object) => object.standings(rules)),
        reach(caller, (object) => object.spend(lineage)),
      ]);
      if (!standings.ok || !spend.ok) return unavailable;
      return ok({ standings: standings.value, ...spend.value });
    },
  };
};
