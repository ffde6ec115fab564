import { describe, expect, it } from "vitest";
import { LOCK_MS } from "../../src/policy/idempotency/machine.ts";
import { breathe, CALLER, codeOf, isolate, REPLY, retryable } from "./once-isolate.ts";
import { inObject, textOf } from "./once-scene.ts";

describe("an isolate with a request that has an Idempotency-Key", () => {
  it("is given by another isolate's run what it has kept", async () => {
    await inObject(async (scene) => {
      const run = await isolate(scene).go();
      expect(await run.dispatched()).toBeUndefined();
      await run.done(REPLY, true);
      expect(await isolate(scene).begin()).toEqual({ is: "replay", reply: REPLY });
    });
  });

  it("shares a key within a team, and with nobody else", async () => {
    await inObject(async (scene) => {
      const { begin, go } = isolate(scene);
      await go();
      expect(codeOf(await begin({ caller: { ...CALLER, key: "other", user: "u" } }))).toBe(
        "idempotency_in_progress",
      );
      expect(codeOf(await begin({ caller: { ...CALLER, team: "blue" } }))).toBe("go");
      expect(codeOf(await begin({ caller: { ...CALLER, team: undefined } }))).toBe("go");
      expect(codeOf(await begin({ key: "order-8" }))).toBe("go");
      expect(codeOf(await begin({ requestText: 'chat\n{"n":2}' }))).toBe("idempotency_key_reused");
    });
  });

  it("leaves nothing in the object that could be read", async () => {
    await inObject(async (scene) => {
      const run = await isolate(scene).go();
      await run.done(REPLY, true);
      const parts = scene.sql
        .exec<{ bytes: ArrayBuffer }>("SELECT bytes FROM once_parts")
        .toArray();
      const records = scene.sql.exec("SELECT * FROM once").toArray();
      const all = [...parts.map((part) => textOf(new Uint8Array(part.bytes))), ...records];
      expect(parts).toHaveLength(1);
      expect(JSON.stringify(all)).not.toMatch(/order-7|strawberry|headgate|chat/);
    });
  });

  it("is never given a reply that stands in another record's place, or that it cannot open", async () => {
    await inObject(async (scene) => {
      const { begin, go } = isolate(scene);
      await (await go({ key: "a" })).done(REPLY, true);
      await (await go({ key: "b" })).done(REPLY, true);
      scene.sql.exec(
        `UPDATE once_parts SET bytes = (SELECT bytes FROM once_parts o WHERE o.id <> once_parts.id)
         WHERE id = (SELECT min(id) FROM once_parts)`,
      );
      const codes = [codeOf(await begin({ key: "a" })), codeOf(await begin({ key: "b" }))];
      expect(codes.sort()).toEqual(["idempotency_not_replayable", "replay"]);
      const [{ part } = { part: "" }] = scene.sql
        .exec<{ part: string }>("SELECT hex(bytes) AS part FROM once_parts LIMIT 1")
        .toArray();
      expect(part.startsWith("01")).toBe(true);
    });
  });

  it("does not run where the object cannot be asked", async () => {
    await inObject(async (scene) => {
      const broken = isolate(scene, () => Promise.reject(new Error("gone")));
      expect(codeOf(await broken.begin())).toBe("limiter_unavailable");
      expect(broken.counted).toEqual(["onceBegin"]);
      const overloaded = Object.assign(new Error("full"), { retryable: true, overloaded: true });
      const full = isolate(scene, () => Promise.reject(overloaded));
      expect(codeOf(await full.begin())).toBe("limiter_unavailable");
      expect(full.counted).toEqual(["onceBegin"]);
    });
  });

  it("gives a key that was revoked what it gives an unknown one", async () => {
    await inObject(async (scene) => {
      const { begin } = isolate(scene, async () => ({ is: "refused", code: "revoked" }));
      expect(codeOf(await begin())).toBe("invalid_api_key");
    });
  });

  it("sends nothing where that it sends cannot be written down", async () => {
    await inObject(async (scene) => {
      const { go } = isolate(scene, (name, call) =>
        name === "onceDispatched" ? Promise.reject(new Error("gone")) : call(),
      );
      const run = await go();
      expect(await run.dispatched()).toMatchObject({ code: "limiter_unavailable" });
    });
  });

  it("asks a second time, of a new stub, when the answer was lost, and does not stand in its own way", async () => {
    await inObject(async (scene) => {
      const failed = new Set<string>();
      const { begin, go, counted } = isolate(scene, async (name, call) => {
        const answer = await call();
        if (failed.has(name)) return answer;
        failed.add(name);
        throw retryable;
      });
      const run = await go();
      expect(await run.dispatched()).toBeUndefined();
      await run.done(REPLY, true);
      expect(await begin()).toEqual({ is: "replay", reply: REPLY });
      expect(counted).toEqual([
        ...["onceBegin", "onceBegin", "onceDispatched", "onceDispatched"],
        ...["onceEnd", "onceEnd", "onceBegin"],
      ]);
    });
  });

  it("gives a key back that it was given too late", async () => {
    await inObject(async (scene) => {
      let answer = (): void => {};
      const slow = isolate(scene, async (name, call) => {
        const told = await call();
        if (name === "onceBegin") await new Promise<void>((done) => (answer = done));
        return told;
      });
      const late = slow.begin();
      await breathe();
      await scene.clock.play(10_000);
      expect(codeOf(await late)).toBe("limiter_unavailable");
      expect(codeOf(await isolate(scene).begin())).toBe("idempotency_in_progress");
      answer();
      await breathe();
      expect(codeOf(await isolate(scene).begin())).toBe("go");
    });
  });

  it("keeps its key while it runs, and leaves doubt when it is abandoned", async () => {
    await inObject(async (scene) => {
      const run = await isolate(scene).go();
      await run.dispatched();
      for (let minute = 0; minute < 5; minute += 1) await scene.clock.play(LOCK_MS);
      expect(codeOf(await isolate(scene).begin())).toBe("idempotency_in_progress");
      run.abandon();
      await scene.clock.play(LOCK_MS);
      expect(codeOf(await isolate(scene).begin())).toBe("idempotency_outcome_unknown");
    });
  });

  it("may not send when its key was taken while it was out of touch", async () => {
    await inObject(async (scene) => {
      const lost = isolate(scene, (name, call) =>
        name === "onceRenew" ? Promise.reject(new Error("gone")) : call(),
      );
      const run = await lost.go();
      await scene.clock.play(LOCK_MS);
      const next = await isolate(scene).go();
      expect(await run.dispatched()).toMatchObject({ code: "idempotency_in_progress" });
      expect(await next.dispatched()).toBeUndefined();
      await run.done(REPLY, true);
      expect(codeOf(await isolate(scene).begin())).toBe("idempotency_in_progress");
    });
  });

  it("tries again to say what came of it", async () => {
    await inObject(async (scene) => {
      let failures = 2;
      const { go } = isolate(scene, (name, call) => {
        if (name === "onceEnd" && failures-- > 0) return Promise.reject(new Error("gone"));
        return call();
      });
      const run = await go();
      await run.dispatched();
      await run.done("too_large", true);
      expect(codeOf(await isolate(scene).begin())).toBe("idempotency_not_replayable");
    });
  });
});
