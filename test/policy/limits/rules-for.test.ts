import { describe, expect, it } from "vitest";
import { type Policy, PolicySchema } from "../../../src/domain/config/schema.ts";
import type { PolicyLevel, PolicyPlace } from "../../../src/domain/tenant.ts";
import { rulesFor, type Subject } from "../../../src/policy/limits/rules-for.ts";

const SUBJECT: Subject = {
  org: "acme",
  team: "blue",
  user: "ann",
  endUser: undefined,
  key: "k1",
  tags: { feature: "chat" },
};
const CHAT = { endpoint: "chat", stream: false } as const;
type Limits = NonNullable<Policy["limits"]>;
type Rule = Limits["rules"][number];

const PER_MINUTE: Rule = { unit: "requests", per: "minute", max: 10 };

const at = (
  place: PolicyPlace,
  rules: readonly Rule[],
  more: Partial<Limits> = {},
): PolicyLevel => ({
  place,
  policy: PolicySchema.parse({ limits: { mode: "on", rules, ...more } }),
});
const idsOf = (placed: readonly PolicyLevel[], subject: Partial<Subject> = {}): readonly string[] =>
  rulesFor(placed, { ...SUBJECT, ...subject }, CHAT).map(({ id }) => id);

describe("rulesFor", () => {
  it.each<[PolicyPlace, string, string]>([
    ["config", "key", "k1"],
    ["org", "org", "acme"],
    ["team", "team", "blue"],
    ["user", "user", "ann"],
    ["key", "key", "k1"],
  ])("a rule at %s counts for each %s", (place, level, subject) => {
    expect(rulesFor([at(place, [PER_MINUTE])], SUBJECT, CHAT)).toMatchObject([{ level, subject }]);
  });

  it("the rules of all levels hold at once", () => {
    const all = (["config", "org", "team", "user", "key"] as const).map((place) =>
      at(place, [PER_MINUTE]),
    );
    const ids = idsOf(all);
    expect(new Set(ids).size).toBe(5);
  });

  it("every default of a rule and its section is filled in", () => {
    expect(rulesFor([at("config", [PER_MINUTE])], SUBJECT, CHAT)).toEqual([
      {
        id: "config/key/requests/bucket/minute|0:|k1",
        level: "key",
        subject: "k1",
        unit: "requests",
        kind: "bucket",
        per: "minute",
        max: 10,
        burst: 10,
        maxWaitMs: 0,
        timezone: "UTC",
        mode: "on",
        soft: 0.8,
        strict: true,
        budgetStatus: 402,
        storeDown: "closed",
        store: "object",
        models: undefined,
      },
    ]);
  });

  it.each<[string, Rule, object]>([
    ["money is nano-USD", { unit: "usd", per: "day", max: 0.1 }, { max: 100_000_000 }],
    [
      "a burst of money is nano-USD",
      { unit: "usd", per: "hour", max: 2.5, kind: "bucket", burst: 5 },
      { max: 2_500_000_000, burst: 5_000_000_000 },
    ],
    [
      "money ends at the largest safe integer",
      { unit: "usd", per: "month", max: 1e12 },
      { max: Number.MAX_SAFE_INTEGER },
    ],
    [
      "concurrent requests take slots",
      { unit: "concurrent", max: 3 },
      { kind: "slots", per: undefined },
    ],
    ["models go along", { ...PER_MINUTE, when: { models: ["gpt-*"] } }, { models: ["gpt-*"] }],
  ])("%s", (_, rule, expected) => {
    expect(rulesFor([at("key", [rule])], SUBJECT, CHAT)).toMatchObject([expected]);
  });

  it.each<[string, Partial<Limits>, object | undefined]>([
    ["off leaves a level's rules out", { mode: "off" }, undefined],
    ["shadow only tries them out", { mode: "shadow" }, { mode: "shadow" }],
    ["balanced is not strict", { reserve: "balanced" }, { strict: false }],
    [
      "the section's other settings go along",
      { soft: 0.5, store_down: "open_local", budget_status: 429 },
      { soft: 0.5, storeDown: "open_local", budgetStatus: 429 },
    ],
  ])("%s", (_, section, expected) => {
    const rules = rulesFor([at("org", [PER_MINUTE], section)], SUBJECT, CHAT);
    expect(rules).toMatchObject(expected === undefined ? [] : [expected]);
  });

  it("a level's mode governs its own rules alone", () => {
    const rules = rulesFor(
      [at("org", [PER_MINUTE], { mode: "shadow" }), at("key", [PER_MINUTE])],
      SUBJECT,
      CHAT,
    );
    expect(rules.map(({ level, mode }) => [level, mode])).toEqual([
      ["org", "shadow"],
      ["key", "on"],
    ]);
  });

  it.each<[string, Rule["level"], Partial<Subject>, string | undefined]>([
    ["a user rule counts the end user of the request", "user", { endUser: "eve" }, "eve"],
    ["a user rule counts the key's user where nobody is named", "user", {}, "ann"],
    ["a user rule does not apply without a user", "user", { user: undefined }, undefined],
    ["a team rule does not apply to a key without a team", "team", { team: undefined }, undefined],
    ["a tag rule counts the tag's value", "tag:feature", {}, "chat"],
    ["a tag rule does not apply without the tag", "tag:app", {}, undefined],
    ["a tag is no property of every object", "tag:constructor", {}, undefined],
  ])("%s", (_, level, subject, counted) => {
    const placed = at("config", [{ ...PER_MINUTE, ...(level !== undefined && { level }) }]);
    const rules = rulesFor([placed], { ...SUBJECT, ...subject }, CHAT);
    expect(rules.map((rule) => rule.subject)).toEqual(counted === undefined ? [] : [counted]);
  });

  it.each<[NonNullable<Rule["when"]>, Parameters<typeof rulesFor>[2], number]>([
    [{ stream: true }, { endpoint: "chat", stream: true }, 1],
    [{ stream: true }, { endpoint: "chat", stream: false }, 0],
    [{ stream: false }, { endpoint: "chat", stream: false }, 1],
    [{ endpoints: ["chat"] }, { endpoint: "chat", stream: false }, 1],
    [{ endpoints: ["chat"] }, { endpoint: "embeddings", stream: false }, 0],
    [{ endpoints: [] }, { endpoint: "chat", stream: false }, 0],
    [{ endpoints: ["messages"] }, { endpoint: "count_tokens", stream: false }, 1],
    [{ endpoints: ["chat"], stream: true }, { endpoint: "chat", stream: false }, 0],
  ])("with %j a request %j falls under %i rules", (when, request, count) => {
    const placed = at("config", [{ ...PER_MINUTE, when }]);
    expect(rulesFor([placed], SUBJECT, request)).toHaveLength(count);
  });
});

describe("the id of a rule", () => {
  it("stays when the maximum, the burst or the section's settings change", () => {
    const before = idsOf([at("key", [PER_MINUTE])]);
    const edited = at("key", [{ ...PER_MINUTE, max: 99, burst: 7 }], { soft: 0.5, mode: "shadow" });
    expect(idsOf([edited])).toEqual(before);
  });

  it("tells rules apart that differ only in their maximum, by their order", () => {
    const two = [PER_MINUTE, { ...PER_MINUTE, max: 20 }];
    expect(idsOf([at("key", two)])).toEqual([
      "key/key/requests/bucket/minute||k1",
      "key/key/requests/bucket/minute#1||k1",
    ]);
  });

  it("stays when other rules come and go", () => {
    const other: Rule = { unit: "tokens", per: "day", max: 5 };
    const [, second] = idsOf([at("key", [other, PER_MINUTE])]);
    expect(idsOf([at("key", [PER_MINUTE])])).toEqual([second]);
  });

  const variants: readonly Partial<Rule>[] = [
    {},
    { per: "hour" },
    { kind: "sliding" },
    { kind: "calendar" },
    { kind: "calendar", timezone: "Europe/Berlin" },
    { level: "org" },
    { level: "tag:feature" },
    { when: { stream: true } },
    { when: { stream: false } },
    { when: { models: ["a", "b"] } },
    { when: { models: [] } },
    { when: { endpoints: ["chat"] } },
    { when: { models: Array.from({ length: 30 }, (_, at) => `model-${at}`) } },
    { when: { models: Array.from({ length: 31 }, (_, at) => `model-${at}`) } },
    { kind: "sliding", store: "upstash" },
  ];
  it("differs with everything else that a rule says", () => {
    const ids = variants.flatMap((variant) => {
      const request = { ...CHAT, stream: variant.when?.stream ?? false };
      return rulesFor([at("key", [{ ...PER_MINUTE, ...variant }])], SUBJECT, request);
    });
    expect(new Set(ids.map(({ id }) => id)).size).toBe(variants.length);
  });

  it("is the same for the same condition in another order", () => {
    const [one, other] = [
      ["a", "b"],
      ["b", "a"],
    ].map((models) => idsOf([at("key", [{ ...PER_MINUTE, when: { models } }])]));
    expect(one).toEqual(other);
  });

  it("stays below 150 characters beside its subject, whatever the condition", () => {
    const models = Array.from({ length: 100 }, (_, at) => `provider/some-long-model-name-${at}`);
    const [id = ""] = idsOf([at("key", [{ ...PER_MINUTE, when: { models } }])]);
    expect(id.length).toBeLessThan(150);
  });

  it("keeps two teams' rules for the whole organisation apart", () => {
    const placed = at("team", [{ ...PER_MINUTE, level: "org" }]);
    expect(idsOf([placed], { team: "blue" })).not.toEqual(idsOf([placed], { team: "red" }));
  });

  it("is the tenant's own where counts are kept outside", () => {
    const placed = at("config", [{ ...PER_MINUTE, kind: "sliding", store: "upstash" }]);
    expect(idsOf([placed], { org: "acme" })).not.toEqual(idsOf([placed], { org: "other" }));
  });
});
