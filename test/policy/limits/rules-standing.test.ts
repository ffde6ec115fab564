import { describe, expect, it } from "vitest";
import { type Policy, PolicySchema } from "../../../src/domain/config/schema.ts";
import type { PolicyPlace } from "../../../src/domain/tenant.ts";
import { rulesFor, type Subject } from "../../../src/policy/limits/rules-for.ts";
import { rulesStanding, standsOf } from "../../../src/policy/limits/rules-standing.ts";

const SUBJECT: Subject = {
  org: "acme",
  team: "blue",
  user: "ann",
  endUser: undefined,
  key: "k1",
  tags: { feature: "a|b" },
};
const OWNERS = { config: "", org: "acme", team: "blue", user: "ann", key: "k1" };
const PLACES = Object.keys(OWNERS) as PolicyPlace[];
type Rule = NonNullable<Policy["limits"]>["rules"][number];

const policyOf = (rules: readonly Rule[], mode = "on"): Policy =>
  PolicySchema.parse({ limits: { mode, rules } });
const metAt = (place: PolicyPlace, ...rules: readonly Rule[]) =>
  rulesFor([{ place, policy: policyOf(rules) }], SUBJECT, { endpoint: "chat", stream: false });
const only =
  (where: PolicyPlace, policy: Policy) =>
  ({ place, owner }: { place: PolicyPlace; owner: string }) =>
    place === where && owner === OWNERS[where] ? policy : undefined;

const DAILY: Rule = { unit: "requests", per: "day", max: 5 };
const LEVELS = [undefined, "org", "team", "user", "key", "tag:feature"] as const;
const EVERYWHERE = PLACES.flatMap((place) => LEVELS.map((level) => [place, level] as const));

describe("a rule that was met", () => {
  it.each(EVERYWHERE)("at %s for each %s is shown as its policy has it now", (place, level) => {
    const rule = level === undefined ? DAILY : { ...DAILY, level };
    const met = metAt(place, rule);
    expect(standsOf(met)).toMatchObject([{ place, owner: OWNERS[place] }]);
    const edited = only(place, policyOf([{ ...rule, max: 2 }], "shadow"));
    expect(rulesStanding(met, "acme", edited)).toEqual([
      { ...met[0], max: 2, burst: 2, mode: "shadow" },
    ]);
  });

  it.each(PLACES)(
    "at %s is not shown once its policy is gone, off, or has another rule",
    (place) => {
      const met = metAt(place, { ...DAILY, level: "key" });
      const shown = (policy: Policy) => rulesStanding(met, "acme", only(place, policy));
      expect(shown({})).toEqual([]);
      expect(shown(policyOf([{ ...DAILY, level: "key" }], "off"))).toEqual([]);
      expect(shown(policyOf([{ ...DAILY, per: "month", level: "key" }]))).toEqual([]);
      expect(rulesStanding(met, "acme", () => undefined)).toEqual([]);
    },
  );

  it("is told from one beside it that differs in its numbers alone", () => {
    const both = [DAILY, { ...DAILY, max: 9 }];
    const shown = rulesStanding(metAt("org", ...both), "acme", only("org", policyOf(both)));
    expect(shown.map(({ max }) => max)).toEqual([5, 9]);
  });
});

describe("a rule that nobody has met", () => {
  it.each(["config", "org"] as const)(
    "at %s is shown where it counts for the organisation",
    (place) => {
      const rules: Rule[] = [
        { ...DAILY, level: "org" },
        { ...DAILY, level: "key" },
      ];
      const shown = rulesStanding([], "acme", only(place, policyOf(rules)));
      expect(shown).toEqual(metAt(place, { ...DAILY, level: "org" }));
    },
  );
});
