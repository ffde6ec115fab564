/**
 * Decides: what the holder of a key is told of his account, and of his own requests.
 * Never: tells him of another key's request: it is as absent as one that never was. The key that his own was rotated
 * from is his, too.
 */
import { err, ok } from "../base/result.ts";
import type { OwnAccount } from "../ports-account.ts";
import { principalOf } from "./limiter-principal.ts";
import type { OrganisationCalls } from "./objects/organisation-calls.ts";
import type { Reach } from "./organisation-reach.ts";

const unavailable = err("unavailable" as const);

export const createOwnAccount = (reach: Reach<OrganisationCalls>): OwnAccount => ({
  async judge(caller) {
    const answer = await reach(caller, (object) => object.judge(principalOf(caller)));
    return answer.ok ? answer : unavailable;
  },
  async row(caller, requestId) {
    const answer = await reach(caller, (object) => object.row(requestId));
    if (!answer.ok) return unavailable;
    const row = answer.value;
    const isOwn = row?.key === caller.key || row?.key === caller.lineage;
    return ok(isOwn ? row : undefined);
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
});
