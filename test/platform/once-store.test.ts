import { describe, expect, it } from "vitest";
import {
  KEEP_MS,
  LOCK_MS,
  NO_RECORD,
  type OnceState,
  onceStep,
} from "../../src/policy/idempotency/machine.ts";
import { bytes, done, inObject, isSame, kept, noise, textOf, wish } from "./once-scene.ts";

describe("the memory of Idempotency-Keys in its object", () => {
  it("lets one run, keeps the others waiting, and gives all the same reply", async () => {
    await inObject(async (scene) => {
      const { store, restart } = scene;
      const answers = await Promise.all(
        Array.from({ length: 1_000 }, (_, at) => store().onceBegin(wish(`run-${at}`))),
      );
      expect(answers.filter(({ is }) => is === "go")).toEqual([{ is: "go", fence: 1 }]);
      const refused = { is: "refused", code: "idempotency_in_progress" };
      expect(answers.filter((answer) => answer.is === "refused")).toEqual(Array(999).fill(refused));
      expect(await store().onceDispatched("key", 1)).toBe(true);
      restart();
      expect(await store().onceBegin(wish("late"))).toEqual(refused);
      expect(await store().onceEnd("key", 1, done("reply"), 0)).toBe(true);
      restart();
      const replay = await store().onceBegin(wish("later"));
      expect(replay.is === "replay" && textOf(replay.reply)).toBe("reply");
      expect(kept(scene)).toEqual(["1 records", "1 parts"]);
    });
  });

  it("keeps a reply that is larger than a row, to the byte", async () => {
    await inObject(async (scene) => {
      const { store, restart } = scene;
      const reply = noise(1024 * 1024 + 4_000);
      await store().onceBegin(wish("one"));
      await store().onceEnd("key", 1, { is: "done", reply }, 0);
      restart();
      const replay = await store().onceBegin(wish("two"));
      expect(replay.is === "replay" && isSame(replay.reply, reply)).toBe(true);
      expect(kept(scene)).toEqual(["1 records", "2 parts"]);
    });
  });

  it("keeps a reply and the word that it is kept together, or neither", async () => {
    await inObject(async (scene) => {
      const { store, sql } = scene;
      await store().onceBegin(wish("one"));
      await store().onceDispatched("key", 1);
      sql.exec(
        "CREATE TRIGGER no_room BEFORE INSERT ON once_parts BEGIN SELECT RAISE(ABORT, 'no room'); END",
      );
      await expect(store().onceEnd("key", 1, done("reply"), 0)).rejects.toThrow("no room");
      expect(await store().onceBegin(wish("two"))).toMatchObject({ is: "refused" });
      sql.exec("DROP TRIGGER no_room");
      expect(await store().onceEnd("key", 1, done("reply"), 0)).toBe(true);
      expect(await store().onceBegin(wish("two"))).toMatchObject({ is: "replay" });
    });
  });

  it("is told the same thing twice without harm", async () => {
    await inObject(async ({ store }) => {
      for (const _ of [1, 2]) {
        expect(await store().onceBegin(wish("one"))).toEqual({ is: "go", fence: 1 });
      }
      for (const _ of [1, 2]) expect(await store().onceDispatched("key", 1)).toBe(true);
      expect(await store().onceEnd("key", 1, done("first"), 0)).toBe(true);
      expect(await store().onceEnd("key", 1, done("second"), 0)).toBe(true);
      const replay = await store().onceBegin(wish("two"));
      expect(replay.is === "replay" && textOf(replay.reply)).toBe("first");
    });
  });

  it("gives each run a higher fence, whatever was freed, forgotten or restarted", async () => {
    await inObject(async ({ store, restart, clock }) => {
      const begin = async (id: string) => {
        const answer = await store().onceBegin(wish(`run-${Math.random()}`, { id }));
        return answer.is === "go" ? answer.fence : answer.is;
      };
      expect(await begin("a")).toBe(1);
      expect(await begin("b")).toBe(2);
      expect(await store().onceEnd("a", 1, { is: "free" }, 0)).toBe(true);
      restart();
      expect(await begin("a")).toBe(3);
      expect(await store().onceEnd("a", 1, done("of the first"), 0)).toBe(false);
      expect(await store().onceRenew("a", 1)).toBe(false);
      await clock.play(LOCK_MS);
      store().sweep();
      restart();
      expect(await begin("b")).toBe(4);
      expect(await store().onceDispatched("b", 2)).toBe(false);
    });
  });

  it("takes away what is over, and leaves doubt where a run fell silent", async () => {
    await inObject(async (scene) => {
      const { store, clock, wakes } = scene;
      const start = clock.now();
      for (const [at, id] of ["dead", "silent", "kept"].entries()) {
        await store().onceBegin(wish("one", { id }));
        if (id !== "dead") await store().onceDispatched(id, at + 1);
      }
      await store().onceEnd("kept", 3, done("reply"), 0);
      expect(Math.min(...wakes)).toBe(start + LOCK_MS);
      store().sweep();
      expect(store().next()).toBe(start + LOCK_MS);
      expect(kept(scene)).toEqual(["3 records", "1 parts"]);
      await clock.play(LOCK_MS);
      store().sweep();
      expect(store().next()).toBe(start + KEEP_MS);
      expect(kept(scene)).toEqual(["2 records", "1 parts"]);
      expect(await store().onceBegin(wish("two", { id: "silent" }))).toEqual({
        is: "refused",
        code: "idempotency_outcome_unknown",
      });
      await clock.play(KEEP_MS);
      store().sweep();
      expect(store().next()).toBeUndefined();
      expect(kept(scene)).toEqual(["0 records", "0 parts"]);
    });
  });

  it("sweeps a few hundred at a time, and says that there is more", async () => {
    await inObject(async (scene) => {
      const { store, clock } = scene;
      const ids = Array.from({ length: 700 }, (_, at) => `key-${at}`);
      await Promise.all(ids.map((id) => store().onceBegin(wish("one", { id }))));
      await clock.play(LOCK_MS);
      store().sweep();
      expect(store().next()).toBeLessThanOrEqual(clock.now());
      expect(kept(scene)).toEqual(["200 records", "0 parts"]);
      store().sweep();
      expect(store().next()).toBeUndefined();
    });
  });

  it("gives a key anew after a day, swept or not, without the old reply", async () => {
    await inObject(async (scene) => {
      const { store, clock } = scene;
      await store().onceBegin(wish("one"));
      await store().onceEnd("key", 1, done("old"), 0);
      await clock.play(KEEP_MS);
      expect(await store().onceBegin(wish("two", { fingerprint: "other" }))).toMatchObject({
        is: "go",
      });
      expect(kept(scene)).toEqual(["1 records", "0 parts"]);
    });
  });

  it("does what the machine says, restarted and swept between any two calls", async () => {
    await inObject(async ({ store, restart, clock }) => {
      let state: OnceState = NO_RECORD;
      let seed = 7;
      const chance = (below: number): number => {
        seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
        return (seed >> 8) % below;
      };
      let last = 0;
      const seen = new Set<string>();
      for (let step = 0; step < 1_500; step += 1) {
        await clock.play([0, 1_000, LOCK_MS / 2, LOCK_MS, KEEP_MS][chance(5)] ?? 0);
        if (chance(4) === 0) restart();
        if (chance(4) === 0) store().sweep();
        const now = clock.now();
        const fence = Math.max(1, last - chance(2));
        const writes = ["dispatched", "renew", "free", "done", "done_large"] as const;
        const what = chance(2) === 0 ? "begin" : (writes[chance(5)] ?? "renew");
        if (what === "begin") {
          const asked = { fingerprint: chance(5) === 0 ? "other" : "same", owner: `run-${step}` };
          const model = onceStep(state, { type: "begin", ...asked, fence: last + 1 }, now);
          const answer = await store().onceBegin(wish(asked.owner, asked));
          expect({ ...answer, reply: undefined }).toEqual({ ...model.output, reply: undefined });
          if (answer.is === "go") last = answer.fence;
          seen.add(answer.is === "refused" ? answer.code : answer.is);
          state = model.state;
          continue;
        }
        const large = what === "done_large";
        const event =
          what === "done" || large
            ? ({ type: "done", fence, large } as const)
            : ({ type: what, fence } as const);
        const model = onceStep(state, event, now);
        const told = await {
          dispatched: () => store().onceDispatched("key", fence),
          renew: () => store().onceRenew("key", fence),
          free: () => store().onceEnd("key", fence, { is: "free" }, 0),
          done: () => store().onceEnd("key", fence, { is: "done", reply: bytes("r") }, 0),
          done_large: () => store().onceEnd("key", fence, { is: "done_large" }, 0),
        }[what]();
        expect(told).toBe(model.output.is === "ok");
        state = model.state;
      }
      expect([...seen].sort()).toEqual([
        "go",
        "idempotency_in_progress",
        "idempotency_key_reused",
        "idempotency_not_replayable",
        "idempotency_outcome_unknown",
        "replay",
      ]);
    });
  });
});
