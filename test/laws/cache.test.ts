import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson } from "../../src/policy/cache/canonical-json.ts";
import { readEntry, writeEntry } from "../../src/policy/cache/entry.ts";
import {
  boundedTtl,
  type Generations,
  generationOf,
  isFresh,
  lifetimeFrom,
  purged,
} from "../../src/policy/cache/freshness.ts";
import { exactKeyText } from "../../src/policy/cache/key.ts";
import { entryOf, keyOf, NOW } from "../policy/cache/stage.ts";

/** The same value with the keys of every object in another order. */
const shuffled = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(shuffled);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, shuffled(inner)]),
  );
};

const anyJson = fc.jsonValue({ maxDepth: 4 }).map((value) => JSON.parse(JSON.stringify(value)));
const anyBody = fc.dictionary(
  fc.constantFrom(
    "messages",
    "temperature",
    "seed",
    "stop",
    "x",
    "tools",
    "stream",
    "user",
    "top_p",
  ),
  anyJson,
);

describe("the law of keys", () => {
  it("the order of keys changes nothing, and what is parsed again has the same text", () => {
    fc.assert(
      fc.property(anyJson, (value) => {
        const text = canonicalJson(value);
        expect(canonicalJson(shuffled(value))).toBe(text);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
      }),
    );
  });

  it("different values have different texts", () => {
    fc.assert(
      fc.property(anyJson, anyJson, (one, other) => {
        fc.pre(JSON.stringify(shuffled(one)) !== JSON.stringify(shuffled(other)));
        try {
          expect(one).toEqual(other);
        } catch {
          expect(canonicalJson(one)).not.toBe(canonicalJson(other));
        }
      }),
    );
  });

  it("no body, scope, name or header can be written so that it is taken for another's", () => {
    const part = fc.oneof(fc.constantFrom('","', "\n", '"]', "[", '\\"'), fc.string());
    const anyHead = fc.record({ scope: part, model: part, meaning: part });
    fc.assert(
      fc.property(anyHead, anyHead, anyBody, anyBody, (one, other, body, otherBody) => {
        const same =
          one.scope === other.scope && one.model === other.model && one.meaning === other.meaning;
        fc.pre(!same);
        const key = exactKeyText(keyOf({ ...one, body }));
        expect(key).not.toBe(exactKeyText(keyOf({ ...other, body: otherBody })));
      }),
    );
  });

  it("how an answer travels and who asks never changes the key", () => {
    fc.assert(
      fc.property(anyBody, anyJson, anyJson, (body, stream, user) => {
        const { stream: _stream, user: _user, ...bare } = body;
        const key = exactKeyText(keyOf({ body: { ...bare, stream, user, metadata: user } }));
        expect(key).toBe(exactKeyText(keyOf({ body: bare })));
      }),
    );
  });
});

describe("the law of freshness", () => {
  const seconds = fc.integer({ min: 0, max: 100_000 });

  it("nothing is given beyond the policy's time, the request's, or a purge", () => {
    fc.assert(
      fc.property(seconds, seconds, seconds, fc.boolean(), (wished, allowed, later, purge) => {
        const first = { org: 0, model: 0 };
        const life = lifetimeFrom(NOW, boundedTtl(wished, allowed), first);
        const now = NOW + later * 1_000;
        const current = purge ? { org: 0, model: 1 } : first;
        const fresh = isFresh(life, now, wished, current);
        expect(fresh).toBe(!purge && later < wished && later < allowed);
      }),
    );
  });

  it("no order of purges ever makes an old generation current again", () => {
    const anyModel = fc.constantFrom("a", "b", undefined);
    fc.assert(
      fc.property(fc.array(anyModel, { minLength: 1, maxLength: 12 }), (purges) => {
        let now: Generations = { org: 0, models: {} };
        const over = { a: new Set<string>(), b: new Set<string>() };
        const names = ["a", "b"] as const;
        const current = (name: (typeof names)[number]) => JSON.stringify(generationOf(now, name));
        for (const model of purges) {
          for (const name of names) {
            if (model === undefined || model === name) over[name].add(current(name));
          }
          now = purged(now, model);
          for (const name of names) expect(over[name].has(current(name))).toBe(false);
        }
      }),
    );
  });
});

describe("the law of entries", () => {
  it("an entry is given to the key that it was kept under, and to no other", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (key, other, body) => {
        const text = writeEntry(entryOf({ key, kept: { form: "whole", body } }));
        const expected = {
          key: other,
          dialect: "openai-chat",
          now: NOW,
          ttl: 60,
          generation: { org: 0, model: 0 },
          askedIsHealthy: true,
        } as const;
        const read = readEntry(text, expected);
        expect(read.ok).toBe(key === other);
        const own = readEntry(text, { ...expected, key });
        expect(own.ok && own.value.kept).toEqual({ form: "whole", body });
      }),
    );
  });

  it("no text makes reading fail otherwise than as a miss", () => {
    const expected = {
      key: "k",
      dialect: "openai-chat",
      now: NOW,
      ttl: 60,
      generation: { org: 0, model: 0 },
      askedIsHealthy: true,
    } as const;
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          anyJson.map((value) => JSON.stringify(value)),
        ),
        (text) => {
          expect(readEntry(text, expected).ok).toBe(false);
        },
      ),
    );
  });
});
