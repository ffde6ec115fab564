import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SemanticCore } from "../../src/platform/objects/semantic-core.ts";
import type { KeyOf } from "../../src/policy/cache/key.ts";
import { scopeText } from "../../src/policy/cache/scope.ts";
import { embedLexically } from "../../src/policy/cache/semantic/embed.ts";
import { askedOf } from "../../src/policy/cache/semantic/partition.ts";

const NOW = 1_800_000_000_000;
/** What is the same for all that ask; whoever asks, and about what, is different. */
const TURN = "What is a gateway?";
const VECTOR = embedLexically(TURN);

const callers = ["a", "b", "c"].flatMap((org) =>
  [undefined, "red", "blue"].flatMap((team) =>
    ["k1", "k2"].map((key) => ({ org, team, user: key === "k1" ? "ann" : undefined, key })),
  ),
);
const SCOPES = ["org", "team", "user", "key"] as const;
const SYSTEMS = ["Be brief.", "Be long."] as const;

type Scope = (typeof SCOPES)[number];
type Request = {
  readonly who: number;
  readonly system: (typeof SYSTEMS)[number] | undefined;
  readonly model: "m" | "n";
  readonly temperature: 0 | 1;
  readonly endUser: "eve" | undefined;
};

const anyRequest: fc.Arbitrary<Request> = fc.record({
  who: fc.nat({ max: callers.length - 1 }),
  system: fc.constantFrom(undefined, ...SYSTEMS),
  model: fc.constantFrom("m", "n"),
  temperature: fc.constantFrom(0, 1),
  endUser: fc.constantFrom(undefined, "eve"),
});

const keyOf = (scope: Scope, { who, system, model, temperature, endUser }: Request): KeyOf => {
  const caller = callers[who];
  if (caller === undefined) throw new Error("nobody");
  const said = system === undefined ? [] : [{ role: "system", content: system }];
  return {
    ...{ endpoint: "chat", dialect: "openai-chat", model, meaning: "x", headers: {} },
    scope: scopeText(scope, caller, endUser),
    body: { model, temperature, messages: [...said, { role: "user", content: TURN }] },
  };
};

/** Whether the two may share an answer, worked out from what they are and not from texts. */
const mayShare = (scope: Scope, one: Request, other: Request): boolean => {
  const [a, b] = [callers[one.who], callers[other.who]];
  if (a === undefined || b === undefined) return false;
  const same = (["system", "model", "temperature"] as const).every(
    (field) => one[field] === other[field],
  );
  if (!same || a.org !== b.org) return false;
  switch (scope) {
    case "org":
      return true;
    case "team":
      return a.team === b.team;
    case "key":
      return a.key === b.key;
    case "user":
      if (one.endUser !== undefined || other.endUser !== undefined) {
        return one.endUser === other.endUser && a.team === b.team;
      }
      if (a.user !== undefined || b.user !== undefined) return a.user === b.user;
      return a.key === b.key;
  }
};

const partitionOf = (scope: Scope, request: Request): string =>
  askedOf(keyOf(scope, request), "lexical")?.partition ?? "";

const manyRequests = (length: number) =>
  fc.array(anyRequest, { minLength: length, maxLength: length });

describe("P13: requests that may not share an answer", () => {
  it("find nothing of each other in one index, though they say the same: a hundred thousand looks", () => {
    let looks = 0;
    let shared = 0;
    const scene = fc.tuple(fc.constantFrom(...SCOPES), manyRequests(40), manyRequests(500));
    fc.assert(
      fc.property(scene, ([scope, kept, asked]) => {
        const core = new SemanticCore(() => VECTOR);
        kept.forEach((request, at) => {
          const partition = partitionOf(scope, request);
          const row = { id: String(at), partition, turn: TURN, vector: VECTOR };
          core.insert({ ...row, expiresAt: NOW + 1 }, NOW, 1_000);
        });
        for (const request of asked) {
          const found = core.search(partitionOf(scope, request), VECTOR, NOW, 40);
          const ids = found.map(({ id }) => id).sort();
          const may = kept.flatMap((one, at) => (mayShare(scope, request, one) ? [`${at}`] : []));
          if (ids.join() !== may.sort().join()) expect(ids).toEqual(may);
          looks += 1;
          shared += may.length;
        }
      }),
      { numRuns: 200, endOnFailure: true },
    );
    expect(looks).toBeGreaterThanOrEqual(100_000);
    // Some do share, or the law would say nothing.
    expect(shared).toBeGreaterThan(1_000);
  });
});
