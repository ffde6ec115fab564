import { evictDurableObject } from "cloudflare:test";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { embedLexically } from "../../src/policy/cache/semantic/embed.ts";
import { digest, entryOf, freshPlace, scene, stubOf, turnsIn } from "./semantic-scene.ts";

const KINDS = ["object", "vectorize"] as const;

describe.each(KINDS)("an index in %s", (kind) => {
  it("finds an entry as soon as it is written, and says how alike it is", async () => {
    const here = scene(kind);
    const place = freshPlace();
    const entry = entryOf("How tall is the Eiffel Tower?");
    here.index.insert(place, entry, 100);
    await here.idle(false);
    const sought = await here.index.search(place, entry.partition, entry.vector, 3);
    expect(sought?.found).toHaveLength(1);
    expect(sought?.found[0]).toMatchObject({ id: entry.id, turn: entry.turn });
    expect(sought?.found[0]?.similarity).toBeCloseTo(1, 5);
  });

  it("gives the three most alike, best first, and none of them twice", async () => {
    const here = scene(kind);
    const place = freshPlace();
    for (const turn of ["red apples", "red apples and pears", "green", "red apples today"]) {
      here.index.insert(place, entryOf(turn), 100);
    }
    await here.idle();
    const turns = await turnsIn(here, place, "red apples");
    expect(turns?.[0]).toBe("red apples");
    expect(new Set(turns)).toEqual(
      new Set(["red apples", "red apples today", "red apples and pears"]),
    );
  });

  it("finds what it found before after it was put away", async () => {
    const here = scene(kind);
    const place = freshPlace();
    const entry = entryOf("what is a monad");
    here.index.insert(place, entry, 100);
    await here.idle();
    here.index.learn(place, entry.id, 0.05, "confirmed");
    await here.idle();
    const before = await here.index.search(place, entry.partition, entry.vector, 3);
    expect(before?.found[0]?.trust.seen).toEqual([{ doubt: 0.05, verdict: "confirmed" }]);
    await evictDurableObject(stubOf(kind, place));
    expect(await here.index.search(place, entry.partition, entry.vector, 3)).toEqual(before);
  });

  it("gives nothing of another partition, scope or organisation, though the vectors are the same", async () => {
    const here = scene(kind);
    const place = freshPlace();
    const entry = entryOf("the same question");
    here.index.insert(place, entry, 100);
    await here.idle();
    expect(await turnsIn(here, place, entry.turn)).toEqual([entry.turn]);
    expect(await turnsIn(here, place, entry.turn, digest("q"))).toEqual([]);
    expect(await turnsIn(here, freshPlace(), entry.turn)).toEqual([]);
    expect(await turnsIn(here, { ...place, tenant: "tenant01" }, entry.turn)).toEqual([]);
  });

  it("gives nothing that has expired", async () => {
    const here = scene(kind);
    const place = freshPlace();
    here.index.insert(place, entryOf("old", { expiresAt: Date.now() - 1 }), 100);
    await here.idle();
    expect(await turnsIn(here, place, "old")).toEqual([]);
  });

  it("takes the newer entry where one is written again", async () => {
    const here = scene(kind);
    const place = freshPlace();
    const entry = entryOf("again");
    here.index.insert(place, entry, 100);
    await here.idle();
    here.index.insert(place, { ...entry, turn: "again!" }, 100);
    await here.idle();
    expect(await turnsIn(here, place, "again")).toEqual(["again!"]);
  });

  it("learns of itself as a whole from verdicts", async () => {
    const here = scene(kind);
    const place = freshPlace();
    const entry = entryOf("learned");
    here.index.insert(place, entry, 100);
    await here.idle();
    here.index.learn(place, entry.id, 0.04, "refuted");
    await here.idle();
    const sought = await here.index.search(place, entry.partition, entry.vector, 3);
    expect(sought?.tally.refuted.reduce((sum, one) => sum + one, 0)).toBe(1);
    expect(sought?.found[0]?.trust.seen).toEqual([{ doubt: 0.04, verdict: "refuted" }]);
  });

  it("keeps no word that can be read, and opens none in another's place", async () => {
    const here = scene(kind);
    const place = freshPlace();
    const entry = entryOf("a secret question");
    here.index.insert(place, entry, 100);
    await here.idle();
    const stub = stubOf(kind, place);
    const { found } = await stub.search(entry.partition, entry.vector, 3);
    expect(found).toHaveLength(1);
    const [kept] = found;
    if (kept === undefined) return;
    expect(kept.turn).not.toContain("secret");
    expect(atob(kept.turn)).not.toContain("secret");
    const moved = freshPlace("tenant01");
    await stubOf(kind, moved).insert({ ...entry, turn: kept.turn }, 10);
    await stub.insert({ ...entry, id: digest("other"), turn: kept.turn }, 10);
    expect(await turnsIn(here, moved, entry.turn)).toEqual([]);
    expect(await turnsIn(here, place, entry.turn)).toEqual([entry.turn]);
  });

  it("P13: finds nothing of another scope among identical vectors", async () => {
    const here = scene(kind);
    const places = [freshPlace(), freshPlace(), freshPlace("tenant01")];
    const partitions = ["p", "q"].map(digest);
    const turns = ["one", "two", "three"];
    for (const [at, place] of places.entries()) {
      for (const partition of partitions) {
        for (const turn of turns) {
          const id = digest(`${at}${partition.slice(0, 1)}${turn}`);
          here.index.insert(place, entryOf(turn, { id, partition }), 100);
        }
      }
    }
    await here.idle();
    const any = fc.tuple(
      fc.nat({ max: places.length - 1 }),
      fc.constantFrom(...partitions),
      fc.constantFrom(...turns),
    );
    await fc.assert(
      fc.asyncProperty(any, async ([at, partition, turn]) => {
        const place = places[at];
        if (place === undefined) return;
        const sought = await here.index.search(place, partition, embedLexically(turn), 20);
        const ids = sought?.found.map(({ id }) => id) ?? [];
        expect(ids).toHaveLength(3);
        const own = `${at}${partition.slice(0, 1)}`;
        expect(ids.every((id) => id.startsWith(own))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
