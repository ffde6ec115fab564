/**
 * Decides: who shares cached answers with whom: a text that is the same for all of them and for nobody else.
 * Never: lets anything out of the organisation.
 */
import type { Caller } from "../../domain/tenant.ts";
import type { CacheScope } from "./rules.ts";

export type ScopedCaller = Pick<Caller, "org" | "team" | "user" | "key">;

/**
 * `endUser`: whom the request names as its user. Where the wished level is empty: keys without a team
 * share with each other, and a key without a user shares with nobody.
 */
export const scopeText = (
  scope: CacheScope,
  { org, team, user, key }: ScopedCaller,
  endUser: string | undefined,
): string => {
  switch (scope) {
    case "org":
      return JSON.stringify(["org", org]);
    case "team":
      return JSON.stringify(["team", org, team ?? null]);
    case "user": {
      if (endUser !== undefined) return JSON.stringify(["end-user", org, team ?? null, endUser]);
      if (user !== undefined) return JSON.stringify(["user", org, user]);
      return JSON.stringify(["key", org, key]);
    }
    case "key":
      return JSON.stringify(["key", org, key]);
  }
};
