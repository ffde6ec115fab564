import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type NewRow, SemanticCore } from "../../src/platform/objects/semantic-core.ts";
import { quantise } from "../../src/platform/objects/semantic-quantise.ts";
import { Shelf } from "../../src/platform/objects/semantic-shelf.ts";
import { cosineOf, normalised } from "../../src/policy/cache/semantic/embed.ts";
import { NEW_TRUST } from "../../src/policy/cache/semantic/trust.ts";

const NOW = 1_800_000_000_000;
const DIMENSIONS = 16;

const anyVector = fc
  .array(fc.double({ min: -1, max: 1, noNaN: true }), {
    minLength: DIMENSIONS,
    maxLength: DIMENSIONS,
  })
  .map((values) => normalised(Float32Array.from(values)));

const anyRow: fc.Arbitrary<NewRow> = fc.record({
  id: fc.integer({ min: 0, max: 60 }).map(String),
  partition: fc.constantFrom("p", "q", "r"),
  turn: fc.string({ maxLength: 5 }),
  vector: anyVector,
  expiresAt: fc.integer({ min: NOW - 10, max: NOW + 10 }),
});

/** An index beside the plain list that it has to behave like. */
const stage = (): { core: SemanticCore; rows: Map<string, NewRow> } => {
  const rows = new Map<string, NewRow>();
  return { core: new SemanticCore((id) => rows.get(id)?.vector), rows };
};

const fill = (added: readonly NewRow[], most = 1_000): ReturnType<typeof stage> => {
  const { core, rows } = stage();
  for (const row of added) {
    rows.set(row.id, row);
    for (const id of core.insert(row, NOW, most)) rows.delete(id);
  }
  return { core, rows };
};

describe("the law of the index", () => {
  it("finds at once what a look through all rows finds, best first, in no other partition", () => {
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 30 }), anyVector, (added, asked) => {
        const { core, rows } = fill(added);
        for (const partition of ["p", "q", "r"]) {
          const expected = [...rows.values()]
            .filter((row) => row.partition === partition && row.expiresAt > NOW)
            .map(({ vector }) => cosineOf(asked, vector))
            .sort((a, b) => b - a)
            .slice(0, 5);
          const found = core.search(partition, asked, NOW, 5);
          expect(found.map(({ similarity }) => similarity)).toEqual(expected);
          expect(found.every((one) => one.partition === partition)).toBe(true);
        }
      }),
    );
  });

  it("identical vectors of two partitions never meet", () => {
    fc.assert(
      fc.property(anyVector, fc.string(), fc.string(), (vector, one, other) => {
        fc.pre(one !== other);
        const row = { id: "1", partition: one, turn: "t", vector, expiresAt: NOW + 1 };
        const { core } = fill([row]);
        expect(core.search(one, vector, NOW, 1)).toHaveLength(1);
        expect(core.search(other, vector, NOW, 1)).toEqual([]);
      }),
    );
  });

  it("never holds more than its bound, and tells of every entry that had to go", () => {
    const most = fc.integer({ min: 1, max: 8 });
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 60 }), most, (added, bound) => {
        const { core, rows } = fill(added, bound);
        expect(core.size).toBeLessThanOrEqual(bound);
        expect(core.size).toBe(rows.size);
      }),
    );
  });

  it("nothing is found from the moment at which it expires", () => {
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 20 }), anyVector, (added, asked) => {
        const { core } = fill(added);
        const late = NOW + 10;
        expect(core.search("p", asked, late, 99)).toEqual([]);
        core.expire(late);
        expect(core.size).toBe(0);
      }),
    );
  });

  it("an index that was put away and restored finds the same", () => {
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 30 }), anyVector, (added, asked) => {
        const { core, rows } = fill(added);
        const again = new SemanticCore((id) => rows.get(id)?.vector);
        const more = { usedAt: NOW, hits: 0, trust: NEW_TRUST };
        again.restore(
          [...rows.values()].reverse().map((row) => ({ ...row, ...more })),
          core.tally,
        );
        expect(again.search("p", asked, NOW, 9)).toEqual(core.search("p", asked, NOW, 9));
      }),
    );
  });

  it("a vector in a quarter of its size has nearly the same cosines", () => {
    fc.assert(
      fc.property(anyVector, anyVector, (one, other) => {
        const shelf = new Shelf(DIMENSIONS);
        shelf.add("1", quantise(other));
        const [near] = shelf.nearest(quantise(one), 1, () => true);
        // Each of 16 products is off by half a step of either side at most.
        expect(Math.abs((near?.rough ?? 9) - cosineOf(one, other))).toBeLessThan(0.04);
      }),
    );
  });

  it("vectors lie close together, whatever came and went, and the nearest are those of a plain look", () => {
    const length = 7;
    const full = fc.array(fc.integer({ min: -127, max: 127 }), {
      minLength: length,
      maxLength: length,
    });
    const sparse = fc.tuple(fc.nat(length - 1), fc.integer({ min: -127, max: 127 }));
    const anyNumbers = fc.oneof(
      full.map((numbers) => Int8Array.from(numbers)),
      sparse.map(([at, number]) => new Int8Array(length).with(at, number)),
    );
    const anyStep = fc.record({
      id: fc.integer({ min: 0, max: 12 }).map(String),
      numbers: fc.option(anyNumbers, { nil: undefined }),
    });
    fc.assert(
      fc.property(
        fc.array(anyStep, { maxLength: 60 }),
        anyNumbers,
        fc.nat(9),
        (steps, asked, most) => {
          const shelf = new Shelf(length);
          const plain = new Map<string, Int8Array>();
          for (const { id, numbers } of steps) {
            shelf.remove(id);
            plain.delete(id);
            if (numbers === undefined) continue;
            shelf.add(id, { numbers, step: 1 });
            plain.set(id, numbers);
          }
          const counts = (id: string): boolean => id !== "3";
          const expected = [...plain]
            .filter(([id]) => counts(id))
            .map(([id, numbers]) => ({
              id,
              rough: numbers.reduce((sum, number, at) => sum + number * (asked[at] ?? 0), 0),
            }))
            .sort((a, b) => b.rough - a.rough || (a.id < b.id ? -1 : 1))
            .slice(0, most + 1);
          expect(shelf.size).toBe(plain.size);
          expect(shelf.nearest({ numbers: asked, step: 1 }, most + 1, counts)).toEqual(expected);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("vectors of another length are of another embedder and are not found", () => {
    const { core } = fill([
      { id: "1", partition: "p", turn: "t", vector: Float32Array.of(1), expiresAt: NOW + 1 },
    ]);
    expect(core.search("p", Float32Array.of(1, 0), NOW, 1)).toEqual([]);
    expect(core.search("p", Float32Array.of(1), NOW, 1)).toHaveLength(1);
  });
});

describe("what an index gives up", () => {
  const vector = normalised(Float32Array.from({ length: DIMENSIONS }, () => 1));
  const row = (id: string, expiresAt = NOW + 1e9): NewRow => ({
    id,
    partition: "p",
    turn: id,
    vector,
    expiresAt,
  });

  it("first what has expired, then what was used least and longest ago", () => {
    const { core } = fill([row("a"), row("b"), row("c", NOW + 5)]);
    expect(core.insert(row("d"), NOW + 5, 3)).toEqual(["c"]);
    core.used("a", NOW + 6);
    core.used("d", NOW + 6);
    expect(core.insert(row("e"), NOW + 7, 3)).toEqual(["b"]);
  });

  it("an entry that was refuted before one that was only used less", () => {
    const { core } = fill([row("a"), row("b")]);
    core.used("a", NOW + 1);
    core.learn("a", 0.1, "refuted");
    expect(core.insert(row("c"), NOW + 2, 2)).toEqual(["a"]);
  });

  it("what is written again under its id is found once, and is learnt of anew", () => {
    const { core } = fill([row("a")]);
    expect(core.learn("a", 0.1, "refuted")?.seen).toHaveLength(1);
    core.insert(row("a"), NOW, 9);
    const [found, ...more] = core.search("p", vector, NOW, 9);
    expect(found?.trust).toEqual(NEW_TRUST);
    expect(more).toEqual([]);
  });

  it("a verdict is counted for the whole index, also where its entry is gone", () => {
    const { core } = fill([row("a")]);
    core.learn("a", 0.03, "refuted");
    core.learn("gone", 0.03, "confirmed");
    const sum = (counts: readonly number[]): number => counts.reduce((all, one) => all + one, 0);
    expect([sum(core.tally.refuted), sum(core.tally.confirmed)]).toEqual([1, 1]);
    const again = new SemanticCore(() => undefined);
    again.restore([], core.tally);
    expect(again.tally).toEqual(core.tally);
  });

  it("an entry whose full vector is gone, or which could not be stored, is not found", () => {
    const core = new SemanticCore(() => undefined);
    core.insert(row("a"), NOW, 9);
    expect(core.search("p", vector, NOW, 9)).toEqual([]);
    const { core: other } = fill([row("a")]);
    for (const id of ["a", "unknown"]) other.remove(id);
    expect(other.size).toBe(0);
    expect(other.used("a", NOW)).toBeUndefined();
    expect(other.learn("a", 0.1, "refuted")).toBeUndefined();
  });
});
