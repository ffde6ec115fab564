import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { armOf } from "../../src/policy/routing/canary.ts";
import { scoreOf } from "../../src/policy/routing/complexity/score.ts";
import { eligible } from "../../src/policy/routing/eligible.ts";
import type { TargetHealth } from "../../src/policy/routing/health.ts";
import { plan } from "../../src/policy/routing/plan.ts";
import { gistOf } from "../../src/policy/routing/request/read-gist.ts";
import { readingOf } from "../../src/policy/routing/request/reading.ts";
import { shareOf } from "../../src/policy/routing/stable-hash.ts";
import { standingOf } from "../../src/policy/routing/standing.ts";
import { ask, facts, NOW, snapshotOf, well } from "../policy/routing/stage.ts";
import { chanceFrom } from "../support/chance.ts";

const NAMES = ["a", "b", "c", "d", "e", "f"] as const;
const CAPABILITIES = ["tools", "vision", "json", "code", "reasoning"] as const;

const anyModel = fc.record({
  provider: fc.constantFrom("p", "q", "r"),
  capabilities: fc.subarray([...CAPABILITIES]),
  context: fc.constantFrom(1_000, 100_000),
  price: fc.constantFrom({ input: 1, output: 2 }, { input: 0, output: 0 }),
});

const anyStrategy = fc.constantFrom(
  "priority",
  "round-robin",
  "weighted",
  "lowest-latency",
  "lowest-cost",
  "least-busy",
  "complexity",
);

const anyMembers = fc.subarray([...NAMES], { minLength: 1 });

const anyHealth: fc.Arbitrary<TargetHealth> = fc
  .record({
    state: fc.constantFrom("closed", "open", "half_open", "throttled", "isolated"),
    until: fc.option(fc.integer({ min: NOW - 1_000, max: NOW + 60_000 }), { nil: undefined }),
    ramp: fc.double({ min: 0, max: 1, noNaN: true }),
    firstTokenMs: fc.option(fc.nat(10_000), { nil: undefined }),
    totalMs: fc.option(fc.nat(100_000), { nil: undefined }),
    inFlight: fc.nat(100),
    lastSeenAt: fc.option(fc.integer({ min: NOW - 100_000, max: NOW }), { nil: undefined }),
    recentFailures: fc.nat(10),
  })
  .map((more) => well(more as Partial<TargetHealth>));

const anyBody = fc.record({
  messages: fc.array(
    fc.record({ role: fc.constantFrom("user", "assistant", "system"), content: fc.string() }),
    { minLength: 1, maxLength: 3 },
  ),
  tools: fc.constantFrom([], [{ type: "function", function: { name: "f" } }]),
});

describe("the law of plans", () => {
  it("a plan is a permutation of the eligible targets that are not down", () => {
    fc.assert(
      fc.property(
        fc.tuple(...NAMES.map(() => anyModel)),
        anyStrategy,
        anyMembers,
        fc.array(anyHealth, { minLength: NAMES.length, maxLength: NAMES.length }),
        anyBody,
        fc.option(fc.string(), { nil: undefined }),
        fc.integer(),
        (models, strategy, members, health, body, session, seed) => {
          const route =
            strategy === "complexity"
              ? { strategy, tiers: { simple: members, moderate: members, complex: members } }
              : { strategy, models: members };
          const snapshot = snapshotOf({
            models: Object.fromEntries(NAMES.map((name, at) => [name, models[at]])),
            routes: { r: route },
          });
          const view = Object.fromEntries(
            NAMES.flatMap((name, at) => {
              const of = health[at];
              return of === undefined ? [] : [[name, of]];
            }),
          ) as Record<string, TargetHealth>;
          const targets = members.flatMap((name) => snapshot.targets.get(name) ?? []);
          const able = eligible(targets, readingOf("openai-chat", body).needs());
          const random = chanceFrom(seed);
          const result = plan(
            snapshot,
            ask({ model: "r", body, identity: { user: undefined, session, key: "k" } }),
            facts({ health: view, random, turn: () => Math.abs(seed) }),
          );
          const up = able.ok
            ? able.value.filter(({ model }) => standingOf(view[model], NOW) !== "down")
            : [];
          if (!result.ok) {
            expect(up).toEqual([]);
            return;
          }
          const names = result.value.targets.map(({ model }) => model);
          expect(names.toSorted()).toEqual(up.map(({ model }) => model).toSorted());
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it("whatever the body is, reading and scoring it ends in a verdict", () => {
    const dialect = fc.constantFrom("openai-chat", "anthropic-messages", "gemini");
    const keys = fc.constantFrom("messages", "contents", "system", "tools", "input", "thinking");
    fc.assert(
      fc.property(dialect, fc.dictionary(keys, fc.jsonValue()), (name, body) => {
        const gist = gistOf(name as "gemini", body);
        expect(
          readingOf(name as "gemini", body)
            .needs()
            .inputTokens(),
        ).toBeGreaterThanOrEqual(0);
        const { tier, score, reasons } = scoreOf(gist);
        expect(["simple", "moderate", "complex"]).toContain(tier);
        expect(Number.isFinite(score)).toBe(true);
        expect(reasons.length).toBeGreaterThan(0);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("the law of canaries", () => {
  const canary = { id: "c", baseline: "a", candidate: "b", sticky: "user" } as const;
  const inCandidate = (user: string, percent: number): boolean =>
    armOf({ ...canary, percent }, { user, session: undefined, key: "k" }, () => 0).arm ===
    "candidate";

  it("raising the percentage moves nobody out of the candidate", () => {
    const percent = fc.double({ min: 0, max: 100, noNaN: true });
    fc.assert(
      fc.property(fc.string(), percent, percent, (user, one, other) => {
        const low = Math.min(one, other);
        const high = Math.max(one, other);
        if (inCandidate(user, low)) expect(inCandidate(user, high)).toBe(true);
      }),
      { numRuns: 5_000 },
    );
  });

  it("0 % is nobody and 100 % is everybody", () => {
    fc.assert(
      fc.property(fc.string(), (user) => {
        expect(inCandidate(user, 0)).toBe(false);
        expect(inCandidate(user, 100)).toBe(true);
      }),
    );
  });

  it.each([1, 5, 10, 50, 90])(
    "%d %% of the users are in it, whatever their ids look like",
    (percent) => {
      const count = 20_000;
      // Five standard deviations of a fair draw.
      const tolerance = 5 * Math.sqrt((percent * (100 - percent)) / count);
      for (const prefix of ["", "user-", "0000000000", "ü"]) {
        const taken = Array.from({ length: count }, (_, at) =>
          inCandidate(`${prefix}${at}`, percent),
        );
        const share = (100 * taken.filter(Boolean).length) / count;
        expect(Math.abs(share - percent)).toBeLessThan(tolerance);
      }
    },
  );

  it("two canaries divide the same users independently", () => {
    const users = Array.from({ length: 20_000 }, (_, at) => `user-${at}`);
    const both = users.filter((user) => shareOf("one", user) < 0.5 && shareOf("two", user) < 0.5);
    expect(both.length / users.length).toBeCloseTo(0.25, 1);
  });
});
