/**
 * Decides: the key that callers of the benchmark have: below limits at four levels, one of them a budget.
 * Never: sets one that is met.
 */
import type { Gateway } from "../test/support/gateway.ts";

const on = (rule: object): object => ({ limits: { mode: "on", rules: [rule] } });
const POLICIES = {
  org: on({ unit: "usd", per: "month", max: 1_000_000 }),
  team: on({ unit: "requests", per: "minute", max: 100_000_000 }),
  user: on({ unit: "concurrent", max: 100_000 }),
  key: on({ unit: "tokens", per: "minute", max: 1_000_000_000 }),
};

/** Makes the organisation `bench` with one team, one user and one key; gives the key. */
export const keyBelowAll = async (gateway: Gateway): Promise<string> => {
  const { org, team, user, key } = POLICIES;
  await gateway.makeOrg("bench", org);
  await gateway.adminJson("POST", "/orgs/bench/teams", { id: "team", policy: team });
  await gateway.adminJson("POST", "/orgs/bench/users", { id: "user", policy: user });
  return gateway.makeKey("bench", { team: "team", user: "user", policy: key });
};
