import { describe, expect, it } from "vitest";
import { OLDEST_REPLY } from "../../src/platform/objects/organisation-once.ts";
import { KEEP_MS } from "../../src/policy/idempotency/machine.ts";
import { inObject, kept, noise, type OnceScene, wish } from "./once-scene.ts";

describe("an object with more replies than it has room for", () => {
  const ROOM = { mostBytes: 2_500_000 };
  const run = async ({ store, clock }: OnceScene, id: string, size = 1_000_000) => {
    const begun = await store().onceBegin(wish("one", { id }));
    const fence = begun.is === "go" ? begun.fence : 0;
    await store().onceDispatched(id, fence);
    await store().onceEnd(id, fence, { is: "done", reply: noise(size) }, 0);
    await clock.play(1_000);
  };
  const again = async ({ store }: OnceScene, id: string): Promise<string> => {
    const answer = await store().onceBegin(wish("two", { id }));
    return answer.is === "refused" ? answer.code : answer.is;
  };

  it("forgets the oldest, and never lets what it has forgotten run a second time", async () => {
    await inObject(async (scene) => {
      for (const id of ["a", "b"]) await run(scene, id);
      scene.restart();
      await run(scene, "c");
      expect(await again(scene, "a")).toBe("idempotency_not_replayable");
      expect(await again(scene, "b")).toBe("replay");
      scene.restart();
      await run(scene, "d", 2_400_000);
      const answers = [];
      for (const id of ["a", "b", "c", "d"]) answers.push(await again(scene, id));
      const lost = "idempotency_not_replayable";
      expect(answers).toEqual([lost, lost, lost, "replay"]);
      expect(kept(scene)).toEqual(["4 records", "3 parts"]);
    }, ROOM);
  });

  it("has room again for what has gone by its time", async () => {
    await inObject(async (scene) => {
      for (const id of ["a", "b"]) await run(scene, id);
      await scene.clock.play(KEEP_MS);
      scene.store().sweep();
      for (const id of ["c", "d"]) await run(scene, id);
      expect(await again(scene, "c")).toBe("replay");
      await scene.clock.play(KEEP_MS);
      // Not swept: whoever begins anew drops the reply of the day before.
      for (const id of ["c", "d"]) await run(scene, id);
      expect(await again(scene, "c")).toBe("replay");
    }, ROOM);
  });

  it("counts what was kept before there was a bound", async () => {
    await inObject(async (scene) => {
      for (const id of ["a", "b"]) await run(scene, id);
      scene.sql.exec("DROP TABLE once_size");
      scene.restart();
      await run(scene, "c");
      expect(await again(scene, "a")).toBe("idempotency_not_replayable");
      expect(await again(scene, "b")).toBe("replay");
    }, ROOM);
  });

  it("finds the oldest without looking through those that have no reply", async () => {
    await inObject(async ({ sql }) => {
      const plan = sql.exec<{ detail: string }>(`EXPLAIN QUERY PLAN ${OLDEST_REPLY}`).toArray();
      expect(plan.map(({ detail }) => detail)).toEqual([
        expect.stringContaining("USING INDEX once_done"),
      ]);
    });
  });
});
