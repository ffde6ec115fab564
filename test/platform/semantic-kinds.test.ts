import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { createClock } from "../../src/platform/clock.ts";
import { createSemantic } from "../../src/platform/semantic.ts";
import type { IndexEntry, IndexPlace } from "../../src/ports-semantic.ts";
import {
  digest,
  entryOf,
  freshPlace,
  HOUR,
  MASTER,
  type Scene,
  scene,
  stubOf,
  turnsIn,
} from "./semantic-scene.ts";

describe("the index of an object", () => {
  it("never holds more than its bound, and gives up what is of least use", async () => {
    const here = scene("object");
    const place = freshPlace();
    const used = entryOf("used often");
    here.index.insert(place, used, 3);
    await here.idle();
    here.index.used(place, used.id);
    await here.idle();
    for (const turn of ["first", "second", "third", "fourth"]) {
      here.index.insert(place, entryOf(turn), 3);
      await here.idle();
    }
    await evictDurableObject(stubOf("object", place));
    expect(await turnsIn(here, place, "used often")).toContain("used often");
    expect(await turnsIn(here, place, "fourth")).toContain("fourth");
    expect(await turnsIn(here, place, "first")).not.toContain("first");
  });

  it("is empty soon after its last entry has expired, though nobody asks", async () => {
    const here = scene("object");
    const place = freshPlace();
    here.index.insert(place, entryOf("brief", { expiresAt: Date.now() + 5 }), 10);
    await here.idle();
    await new Promise((done) => setTimeout(done, 10));
    const stub = stubOf("object", place);
    expect(await runDurableObjectAlarm(stub)).toBe(true);
    // It slept for good: no further alarm.
    expect(await runDurableObjectAlarm(stub)).toBe(false);
  });
});

/** As after two hundred others: the object has given up what it had. */
const crowdOut = (place: IndexPlace): Promise<void> =>
  stubOf("vectorize", place).insert(entryOf("others", { partition: digest("z") }), 1);

describe("the index in Vectorize", () => {
  const old = async (here: Scene, place: IndexPlace, turn: string): Promise<IndexEntry> => {
    const entry = entryOf(turn);
    here.index.insert(place, entry, 1_000);
    await here.idle();
    await crowdOut(place);
    return entry;
  };

  it("finds what the object has given up", async () => {
    const here = scene("vectorize");
    const place = freshPlace();
    await old(here, place, "from long ago");
    expect(await turnsIn(here, place, "from long ago")).toEqual(["from long ago"]);
    expect(await turnsIn(here, place, "from long ago", digest("q"))).toEqual([]);
  });

  it("F54: goes on with what is recent while Vectorize is down, and misses the rest", async () => {
    const here = scene("vectorize");
    const place = freshPlace();
    await old(here, place, "from long ago");
    here.vectorize.down = true;
    here.index.insert(place, entryOf("just now"), 1_000);
    await here.idle();
    expect(await turnsIn(here, place, "just now")).toEqual(["just now"]);
    here.vectorize.down = false;
    expect(await turnsIn(here, place, "from long ago")).toContain("from long ago");
  });

  it("F54: drops what lies in a namespace or partition where it does not belong", async () => {
    const here = scene("vectorize");
    const [place, other] = [freshPlace(), freshPlace()];
    const entry = await old(here, place, "from long ago");
    here.vectorize.misplace(entry.id, other.scope);
    // Sealed for its tenant and id, it opens in a scope of the same tenant: its partition is no other's.
    expect(await turnsIn(here, other, entry.turn, digest("q"))).toEqual([]);
    const abroad = { ...other, tenant: "tenant01" };
    expect(await turnsIn(here, abroad, entry.turn)).toEqual([]);
  });

  it("finds nothing, and fails nothing, where the operator declared no index of partitions", async () => {
    const here = scene("vectorize", []);
    const place = freshPlace();
    const entry = entryOf("not declared");
    here.index.insert(place, entry, 10);
    await here.idle();
    await crowdOut(place);
    expect(await turnsIn(here, place, entry.turn)).toEqual([]);
  });

  it("deletes there what is beyond the bound, and what was refuted", async () => {
    const here = scene("vectorize");
    const place = freshPlace();
    for (const [at, turn] of ["first", "second", "third"].entries()) {
      const expiresAt = Date.now() + HOUR + at;
      here.index.insert(place, entryOf(turn, { expiresAt }), 2);
      await here.idle();
    }
    expect(here.vectorize.visible()).toBe(2);
    const refuted = await old(here, place, "wrong");
    here.index.learn(place, refuted.id, 0.1, "refuted");
    await here.idle();
    expect(await turnsIn(here, place, "wrong")).not.toContain("wrong");
  });

  // They were forgotten before they were deleted, and stayed there for good.
  it("deletes there later what it could not delete at once", async () => {
    const here = scene("vectorize");
    const place = freshPlace();
    for (const [at, turn] of ["first", "second", "third", "fourth", "fifth"].entries()) {
      here.vectorize.down = turn === "third";
      here.index.insert(place, entryOf(turn, { expiresAt: Date.now() + HOUR + at }), 2);
      await here.idle();
    }
    expect(here.vectorize.visible()).toBe(2);
  });

  // What was to go first of all was put there after it had been forgotten.
  it("does not put there what would be the first to go", async () => {
    const here = scene("vectorize");
    const place = freshPlace();
    for (const turn of ["first", "second"]) {
      here.index.insert(place, entryOf(turn), 2);
      await here.idle();
    }
    here.index.insert(place, entryOf("brief", { expiresAt: Date.now() + HOUR / 2 }), 2);
    await here.idle();
    expect(here.vectorize.visible()).toBe(2);
    await crowdOut(place);
    expect(await turnsIn(here, place, "brief")).not.toContain("brief");
  });

  it("is not there where none is bound", () => {
    const semantic = createSemantic({
      namespace: env.SEMANTIC,
      vectors: undefined,
      masterKey: MASTER,
      clock: createClock(),
      background: () => {},
    });
    expect(semantic.index("vectorize")).toBeUndefined();
    expect(semantic.index("object")).toBeDefined();
  });
});

describe("an index that does not answer", () => {
  it("has found nothing in time, and nothing is thrown", async () => {
    const works: Promise<unknown>[] = [];
    const broken = { idFromName: () => ({}), get: () => ({}) };
    const semantic = createSemantic({
      namespace: broken as unknown as typeof env.SEMANTIC,
      vectors: undefined,
      masterKey: MASTER,
      clock: createClock(),
      background: (work) => void works.push(work),
    });
    const index = semantic.index("object");
    const place = freshPlace();
    const entry = entryOf("nobody there");
    expect(await index?.search(place, entry.partition, entry.vector, 3)).toBeUndefined();
    index?.insert(place, entry, 3);
    index?.learn(place, entry.id, 0, "confirmed");
    await expect(Promise.all(works)).resolves.toBeDefined();
  });
});
