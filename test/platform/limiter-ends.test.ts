import { describe, expect, it } from "vitest";
import { err, ok } from "../../src/base/result.ts";
import { createEnds } from "../../src/platform/limiter-ends.ts";
import type { EndCall, OrganisationCalls } from "../../src/platform/objects/organisation-calls.ts";
import type { Reach } from "../../src/platform/organisation-reach.ts";
import { createVirtualTime } from "../support/virtual-time.ts";
import { rowOf } from "./organisation-world.ts";

const PLACE = { tenant: "ten00001", locationHint: undefined };

const endOf = (id: string): EndCall => ({
  id,
  lineage: "key00001",
  drawn: undefined,
  actual: { total: { tokens: 1, nanoUsd: 0 }, byModel: {} },
  row: rowOf(id),
});

/** An object that takes so long to answer, and is not reached while `isDown`. */
const stage = (answerMs: number) => {
  const time = createVirtualTime();
  const calls: (readonly string[])[] = [];
  const background: Promise<unknown>[] = [];
  const state = { isDown: false };
  const object = {
    end: async (ends: readonly EndCall[]) => {
      calls.push(ends.map(({ id }) => id));
      await time.sleep(answerMs);
    },
  } as unknown as OrganisationCalls;
  const reach = (async (_, ask) =>
    state.isDown
      ? err({ retryAfterMs: 1_000 })
      : ok(await ask(object))) as Reach<OrganisationCalls>;
  const told: string[] = [];
  const ends = createEnds({
    reach,
    clock: time,
    background: (work) => void background.push(work),
    onTold: ({ id }) => void told.push(id),
  });
  return { time, calls, told, ends, state };
};

const IDS = Array.from({ length: 50 }, (_, index) => `req_${index}`);

describe("the ends of requests", () => {
  it("that come together are told together, each once", async () => {
    const { time, calls, told, ends } = stage(10);
    for (const id of IDS) ends.tell(PLACE, endOf(id));
    await time.play(1_000);
    expect(calls).toEqual([IDS]);
    expect(told).toEqual(IDS);
  });

  it("that are being told are not told again by those which follow", async () => {
    const { time, calls, ends } = stage(200);
    for (const id of IDS) {
      ends.tell(PLACE, endOf(id));
      await time.play(5);
    }
    await time.play(5_000);
    expect(calls.flat().sort()).toEqual([...IDS].sort());
  });

  it("go along with a question that is asked before they are told", () => {
    const { ends } = stage(10);
    ends.tell(PLACE, endOf("req_1"));
    const carried = ends.take(PLACE);
    expect(carried.ends.map(({ id }) => id)).toEqual(["req_1"]);
    expect(carried.hasOthers).toBe(false);
  });

  it("that another call is telling are named to a question, and given to it where it insists", async () => {
    const { time, ends } = stage(200);
    ends.tell(PLACE, endOf("req_1"));
    await time.play(20);
    expect(ends.take(PLACE)).toEqual({ ends: [], hasOthers: true });
    expect(ends.take(PLACE, true).ends.map(({ id }) => id)).toEqual(["req_1"]);
  });

  it("reach an object that could not be reached at first", async () => {
    const { time, told, ends, state } = stage(10);
    state.isDown = true;
    for (const id of IDS) ends.tell(PLACE, endOf(id));
    await time.play(500);
    expect(told).toEqual([]);
    state.isDown = false;
    await time.play(5_000);
    expect(told).toEqual(IDS);
  });

  it("that went along with a question which failed are told all the same", async () => {
    const { time, told, ends } = stage(10);
    ends.tell(PLACE, endOf("req_1"));
    const { ends: carried } = ends.take(PLACE);
    await time.play(500);
    ends.untold(PLACE, carried);
    await time.play(5_000);
    expect(told).toEqual(["req_1"]);
  });

  it("that no object takes are kept up to a bound, whoever they belong to: the oldest go", async () => {
    const { ends, state } = stage(10);
    state.isDown = true;
    const places = ["ten00001", "ten00002", "ten00003"].map((tenant) => ({ ...PLACE, tenant }));
    for (const place of places) {
      for (let at = 0; at < 4_000; at += 1) ends.tell(place, endOf(`${place.tenant}_${at}`));
    }
    const left = places.map((place) => {
      const all: EndCall[] = [];
      for (let some = ends.take(place); some.ends.length > 0; some = ends.take(place)) {
        all.push(...some.ends);
      }
      return all;
    });
    expect(left.map(({ length }) => length)).toEqual([2_000, 4_000, 4_000]);
    expect(left[0]?.[0]?.id).toBe("ten00001_2000");
  });

  it("of one organisation leave room for those of others", async () => {
    const { ends, state } = stage(10);
    state.isDown = true;
    for (let at = 0; at < 5_001; at += 1) ends.tell(PLACE, endOf(`req_${at}`));
    expect(ends.take(PLACE).ends[0]?.id).toBe("req_1");
  });
});
