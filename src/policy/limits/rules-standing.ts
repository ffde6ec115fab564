/**
 * Decides: which rules an operator is shown of an organisation: those that were met, as the policies have them now,
 * and the organisation's own before anybody has met them.
 * Never: shows a rule that was taken out of its policy, or one that is counted elsewhere.
 */
import type { Policy } from "../../domain/config/schema.ts";
import type { LimitRule } from "../../domain/limit.ts";
import type { PolicyPlace } from "../../domain/tenant.ts";
import { type Compiled, compiledAt } from "./rules-for.ts";

/** Where a rule stands: at the configuration, or at the organisation, team, user or key (its lineage) of that id. */
export type Stand = { readonly place: PolicyPlace; readonly owner: string };

/** The policy that stands there now; undefined where there is none. */
export type PolicyAt = (stand: Stand) => Policy | undefined;

const PLACES: readonly PolicyPlace[] = ["config", "org", "team", "user", "key"];

type Told = Stand & { readonly name: string };

/**
 * What a rule's id says of it: `name|whose|counted`, `whose` being empty where the counted is the owner. Undefined for
 * one that is kept outside the organisation's object: its id begins with whose it is.
 */
const toldBy = ({ id, subject }: LimitRule): Told | undefined => {
  const [name = "", whose = ""] = id.split("|");
  const place = PLACES.find((each) => name.startsWith(`${each}/`));
  if (place === undefined) return undefined;
  return { name, place, owner: whose === "" ? subject : whose.slice(whose.indexOf(":") + 1) };
};

/** Where the rules of those ids stand. */
export const standsOf = (met: readonly LimitRule[]): readonly Stand[] =>
  met.flatMap((rule) => toldBy(rule) ?? []);

const namedIn = (policyAt: PolicyAt, { name, ...stand }: Told): Compiled | undefined => {
  const policy = policyAt(stand);
  return policy && compiledAt({ place: stand.place, policy }).find((each) => each.name === name);
};

const asNow = (rule: LimitRule, policyAt: PolicyAt): readonly LimitRule[] => {
  const told = toldBy(rule);
  const found = told && namedIn(policyAt, told);
  return found === undefined ? [] : [{ ...found.fields, id: rule.id, subject: rule.subject }];
};

/** What counts for the organisation as a whole, by the configuration and by its own policy. */
const ofOrganisation = (org: string, policyAt: PolicyAt): readonly LimitRule[] =>
  (["config", "org"] as const).flatMap((place) => {
    const policy = policyAt({ place, owner: place === "config" ? "" : org });
    if (policy === undefined) return [];
    return compiledAt({ place, policy })
      .filter(({ fields }) => fields.level === "org" && fields.store === "object")
      .map(({ name, fields }) => {
        const id = `${name}|${place === "config" ? "0:" : ""}|${org}`;
        return { ...fields, id, subject: org };
      });
  });

/** Each once, by its id. */
export const rulesStanding = (
  met: readonly LimitRule[],
  org: string,
  policyAt: PolicyAt,
): readonly LimitRule[] => {
  const shown = met.flatMap((rule) => asNow(rule, policyAt));
  const known = new Set(shown.map(({ id }) => id));
  return [...shown, ...ofOrganisation(org, policyAt).filter(({ id }) => !known.has(id))];
};
