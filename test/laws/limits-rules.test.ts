import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Policy } from "../../src/domain/config/schema.ts";
import type { PolicyPlace } from "../../src/domain/tenant.ts";
import { rulesFor, type Subject } from "../../src/policy/limits/rules-for.ts";

type Rule = NonNullable<Policy["limits"]>["rules"][number];

/** Short, from few characters and the ids' own marks, so that two of them could be run together. */
const name = fc.string({ unit: fc.constantFrom("a", "1", ":", "|", "#", "/", "\n"), maxLength: 4 });
const subject: fc.Arbitrary<Subject> = fc.record({
  org: name,
  team: fc.option(name, { nil: undefined }),
  user: fc.option(name, { nil: undefined }),
  endUser: fc.option(name, { nil: undefined }),
  key: name,
  tags: fc.record({ a: name }, { requiredKeys: [] }),
});
const place = fc.constantFrom<PolicyPlace>("config", "org", "team", "user", "key");
const rule: fc.Arbitrary<Rule> = fc.record(
  {
    unit: fc.constant("tokens" as const),
    per: fc.constant("minute" as const),
    max: fc.nat({ max: 3 }),
    kind: fc.constantFrom("bucket" as const, "sliding" as const),
    level: fc.constantFrom(...(["org", "team", "user", "key", "tag:a"] as const)),
    store: fc.constantFrom("object" as const, "upstash" as const),
    when: fc.record(
      { models: fc.array(fc.constantFrom("a", "b*"), { maxLength: 2 }) },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: ["unit", "per", "max"] },
);

const CHAT = { endpoint: "chat", stream: false } as const;
const policyOf = (rules: readonly Rule[]): Policy => ({
  limits: { mode: "on", rules: [...rules] },
});

/** Whose count it is, said in a way that cannot be misread. */
const owner = (at: PolicyPlace, { org, team, user, key }: Subject): string | undefined =>
  ({ config: "", org, team, user, key })[at];

describe("laws of rules", () => {
  it("one request never has two rules with one id", () => {
    fc.assert(
      fc.property(subject, fc.array(rule, { maxLength: 8 }), (whom, rules) => {
        const places = ["config", "org", "team", "user", "key"] as const;
        const placed = places.map((at) => ({ place: at, policy: policyOf(rules) }));
        const ids = rulesFor(placed, whom, CHAT).map(({ id }) => id);
        expect(new Set(ids).size).toBe(ids.length);
      }),
      { numRuns: 1_000 },
    );
  });

  it("two callers share a count only where the same place counts the same subject", () => {
    let shared = 0;
    fc.assert(
      fc.property(subject, subject, place, rule, (one, other, at, written) => {
        const policy = policyOf([written]);
        const [mine] = rulesFor([{ place: at, policy }], one, CHAT);
        const [theirs] = rulesFor([{ place: at, policy }], other, CHAT);
        if (mine === undefined || theirs === undefined) return;
        const alike =
          mine.subject === theirs.subject &&
          (owner(at, one) ?? "") === (owner(at, other) ?? "") &&
          (written.store !== "upstash" || one.org === other.org);
        expect(mine.id === theirs.id).toBe(alike);
        shared += Number(alike);
      }),
      { numRuns: 20_000 },
    );
    expect(shared).toBeGreaterThan(100);
  });

  it("an edit of maxima keeps every count", () => {
    fc.assert(
      fc.property(
        subject,
        place,
        fc.array(rule, { maxLength: 8 }),
        fc.nat({ max: 9 }),
        (whom, at, rules, more) => {
          const edited = rules.map((written) => ({ ...written, max: written.max + more }));
          const [before, after] = [rules, edited].map((version) =>
            rulesFor([{ place: at, policy: policyOf(version) }], whom, CHAT).map(({ id }) => id),
          );
          expect(after).toEqual(before);
        },
      ),
    );
  });
});
