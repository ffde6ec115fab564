import { describe, expect, it } from "vitest";
import { SemanticCore } from "../../src/platform/objects/semantic-core.ts";
import { readEntry, writeEntry } from "../../src/policy/cache/entry.ts";
import { exactKeyText } from "../../src/policy/cache/key.ts";
import type { CacheScope } from "../../src/policy/cache/rules.ts";
import { type ScopedCaller, scopeText } from "../../src/policy/cache/scope.ts";
import { askedOf } from "../../src/policy/cache/semantic/partition.ts";
import { entryOf, keyOf, NOW } from "../policy/cache/stage.ts";
import { chanceFrom } from "../support/chance.ts";

/** Of a script of look-ups; the full size is 10⁶ (`HEADGATE_CACHE_LOOKUPS=1000000`). */
const LOOKUPS = Number(process.env["HEADGATE_CACHE_LOOKUPS"] ?? 60_000);
const KEPT = 4_000;

type Asker = ScopedCaller & {
  readonly level: CacheScope;
  readonly endUser: string | undefined;
  readonly body: number;
};

/** Names that are built to run into each other where somebody joins them. */
const NAMES = ["a", "b", "null", 'a","b', 'b","b', "a\nb", "b\nb", 'b"]'] as const;
const LEVELS: readonly CacheScope[] = ["org", "team", "user", "key"];
const message = (role: string, content: string): object => ({ role, content });
/** The same words for all, cut in different places. */
const BODIES: readonly Readonly<Record<string, unknown>>[] = [
  { messages: [message("user", "Hello")] },
  { messages: [message("system", "Hello"), message("user", "Hello")] },
  {
    messages: [message("system", 'Hello"},{"role":"user","content":"Hello')],
    x: [message("user", "Hello")],
  },
  { messages: [message("system", "HelloHello"), message("user", "Hello")] },
  { messages: [message("user", "Hello"), message("assistant", "Hello"), message("user", "Hello")] },
];

/** Who shares with whom, said once more without a text between: the names themselves. */
const ownersOf = ({ level, org, team, user, key, endUser }: Asker): readonly unknown[] => {
  if (level === "org") return [0, org];
  if (level === "team") return [1, org, team];
  if (level === "user" && endUser !== undefined) return [2, org, team, endUser];
  if (level === "user" && user !== undefined) return [3, org, user];
  return [4, org, key];
};

const shares = (one: Asker, two: Asker): boolean => {
  const [mine, theirs] = [ownersOf(one), ownersOf(two)];
  const same = mine.length === theirs.length && mine.every((part, at) => part === theirs[at]);
  return same && one.body === two.body;
};

describe("P13, F81: the law of tenants", () => {
  it(`no look-up of ${LOOKUPS} finds what another scope has kept, though words and vectors are the same`, () => {
    const random = chanceFrom(77);
    const oneOf = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)] as T;
    const maybe = (): string | undefined => (random() < 0.3 ? undefined : oneOf(NAMES));
    const anyAsker = (): Asker => ({
      ...{ org: oneOf(NAMES), team: maybe(), user: maybe(), key: oneOf(NAMES), endUser: maybe() },
      ...{ level: oneOf(LEVELS), body: Math.floor(random() * BODIES.length) },
    });
    const namesOf = (asker: Asker): { key: string; partition: string } => {
      const scope = scopeText(asker.level, asker, asker.endUser);
      const of = keyOf({ scope, body: BODIES[asker.body] ?? {} });
      return { key: exactKeyText(of), partition: askedOf(of, "lexical")?.partition ?? "none" };
    };
    const vector = Float32Array.of(1, 0, 0);
    const core = new SemanticCore(() => vector);
    const exact = new Map<string, string>();
    const owners: Asker[] = [];
    for (let at = 0; at < KEPT; at++) {
      const asker = anyAsker();
      const { key, partition } = namesOf(asker);
      owners.push(asker);
      exact.set(key, writeEntry(entryOf({ key, kept: { form: "whole", body: String(at) } })));
      const row = { id: String(at), partition, turn: "Hello", vector, expiresAt: NOW + 1 };
      if (partition !== "none") core.insert(row, NOW, KEPT);
    }
    let [hits, alike, foreign] = [0, 0, 0];
    const check = (asker: Asker, id: string): void => {
      const owner = owners[Number(id)];
      if (owner === undefined || !shares(asker, owner)) foreign++;
    };
    const generation = { org: 0, model: 0 };
    for (let at = 0; at < LOOKUPS; at++) {
      const asker = anyAsker();
      const { key, partition } = namesOf(asker);
      const expected = { key, dialect: "openai-chat", now: NOW, ttl: 60, generation } as const;
      const read = readEntry(exact.get(key) ?? "", { ...expected, askedIsHealthy: true });
      if (read.ok && read.value.kept.form === "whole") {
        hits++;
        check(asker, read.value.kept.body);
      }
      for (const { id } of core.search(partition, vector, NOW, 3)) {
        alike++;
        check(asker, id);
      }
    }
    expect(foreign).toBe(0);
    // Those who share do find what they share.
    expect(Math.min(hits, alike)).toBeGreaterThan(LOOKUPS / 100);
  }, 600_000);
});
