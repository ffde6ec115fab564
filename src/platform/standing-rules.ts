/**
 * Decides: how the rules that count for an organisation are read, as its policies stand in the database now.
 * Never: reads the policy of a team, user or key that nothing was counted by.
 */
import type { Policy } from "../domain/config/schema.ts";
import type { LimitRule } from "../domain/limit.ts";
import {
  type PolicyAt,
  rulesStanding,
  type Stand,
  standsOf,
} from "../policy/limits/rules-standing.ts";

const SELECTS = {
  team: "SELECT id, policy FROM teams WHERE org = ?1 AND id IN (SELECT value FROM json_each(?2))",
  user: "SELECT id, policy FROM users WHERE org = ?1 AND id IN (SELECT value FROM json_each(?2))",
  // Of a chain of rotations the last one's.
  key: `SELECT lineage AS id, policy FROM keys
    WHERE org = ?1 AND lineage IN (SELECT value FROM json_each(?2)) AND rotated_to IS NULL`,
} as const;
const PLACES = ["team", "user", "key"] as const;

type Row = { readonly id: string; readonly policy: string };

const OWN = "SELECT id, policy FROM orgs WHERE id = ?1";

const policiesAt = async (
  db: D1Database,
  org: string,
  config: Policy,
  stands: readonly Stand[],
): Promise<PolicyAt> => {
  const wanted = PLACES.flatMap((place) => {
    const owners = new Set(stands.flatMap((each) => (each.place === place ? each.owner : [])));
    return owners.size === 0 ? [] : [{ place, owners: JSON.stringify([...owners]) }];
  });
  const answers = await db.batch<Row>([
    db.prepare(OWN).bind(org),
    ...wanted.map(({ place, owners }) => db.prepare(SELECTS[place]).bind(org, owners)),
  ]);
  const found = new Map<string, Policy>([["config/", config]]);
  for (const [at, place] of ["org", ...wanted.map((each) => each.place)].entries()) {
    for (const { id, policy } of answers[at]?.results ?? []) {
      found.set(`${place}/${id}`, JSON.parse(policy) as Policy);
    }
  }
  return ({ place, owner }) => found.get(`${place}/${owner}`);
};

/** `config` is the policy of the configuration in force, `met` what the organisation's object has counts of. */
export const standingRules = async (
  db: D1Database,
  org: string,
  config: Policy,
  met: readonly LimitRule[],
): Promise<readonly LimitRule[]> =>
  rulesStanding(met, org, await policiesAt(db, org, config, standsOf(met)));
