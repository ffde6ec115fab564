import { describe, expect, it } from "vitest";
import type { OnceAttached } from "../../src/platform/objects/organisation-once-calls.ts";
import { LOCK_MS } from "../../src/policy/idempotency/machine.ts";
import {
  bytes,
  done,
  inObject,
  type OnceScene,
  PRINCIPAL,
  readerOf,
  textOf,
} from "./once-scene.ts";

const HEAD = { status: 200, headers: { "content-type": "text/event-stream" } };
const WAIT_MS = 5_000;

/** A run with the key, and callers who follow it. */
const running = async ({ store }: OnceScene, owner = "one") => {
  const begun = await store().onceBegin({
    principal: PRINCIPAL,
    id: "key",
    fingerprint: "same",
    owner,
  });
  if (begun.is !== "go") throw new Error("it does not run");
  const { fence } = begun;
  let number = 0;
  return {
    fence,
    tell: (piece: string | Uint8Array) => {
      const body = typeof piece === "string" ? bytes(piece) : piece;
      number += 1;
      const head = number === 1 ? HEAD : undefined;
      return store().oncePiece("key", fence, { number: number - 1, head, bytes: body });
    },
    end: (toldAll = true) =>
      store().onceEnd("key", fence, done("reply"), toldAll ? number : undefined),
  };
};
const attach = ({ store }: OnceScene, waitMs = WAIT_MS): Promise<OnceAttached> =>
  store().onceAttach("key", "same", waitMs);
const rest = async (reader: ReadableStreamDefaultReader<Uint8Array>): Promise<string> => {
  let said = "";
  for (;;) {
    const { done: isOver, value } = await reader.read();
    if (isOver) return said;
    said += textOf(value);
  }
};

describe("a caller who follows a run", () => {
  it("gets what was said from the start, then what is said, to the end", async () => {
    await inObject(async (scene) => {
      const run = await running(scene);
      const early = attach(scene);
      await run.tell("a");
      await run.tell("b");
      const first = await early;
      expect(first).toMatchObject({ is: "live", head: HEAD });
      const late = readerOf(await attach(scene));
      const reader = readerOf(first);
      expect(textOf((await reader.read()).value)).toBe("a");
      expect(textOf((await reader.read()).value)).toBe("b");
      const next = reader.read();
      await run.tell("c");
      expect(textOf((await next).value)).toBe("c");
      await run.end();
      expect((await reader.read()).done).toBe(true);
      expect(await rest(late)).toBe("abc");
    });
  });

  it("waits for the whole of a reply that is no stream, and asks again then", async () => {
    await inObject(async (scene) => {
      const run = await running(scene);
      const waiting = attach(scene);
      await run.end();
      expect(await waiting).toEqual({ is: "over" });
      expect(await attach(scene)).toEqual({ is: "over" });
    });
  });

  it("is told in time that the key is free", async () => {
    await inObject(async (scene) => {
      const run = await running(scene);
      const waiting = attach(scene);
      await scene.store().onceEnd("key", run.fence, { is: "free" }, 0);
      expect(await waiting).toEqual({ is: "over" });
    });
  });

  it("is let go when its time is up", async () => {
    await inObject(async (scene) => {
      await running(scene);
      const waiting = attach(scene);
      await scene.clock.play(WAIT_MS - 1);
      const early = await Promise.race([waiting, Promise.resolve("waits")]);
      expect(early).toBe("waits");
      await scene.clock.play(1);
      expect(await waiting).toEqual({ is: "late" });
    });
  });

  it("follows nobody with another request", async () => {
    await inObject(async (scene) => {
      const run = await running(scene);
      await run.tell("secret");
      const other = await scene.store().onceAttach("key", "other", WAIT_MS);
      expect(other).toEqual({ is: "over" });
      expect(await scene.store().onceAttach("none", "same", WAIT_MS)).toEqual({ is: "over" });
    });
  });

  it("may read as slowly as it likes, up to a MiB behind the run", async () => {
    await inObject(async (scene) => {
      const run = await running(scene);
      await run.tell("a");
      const [slow, gone, quick] = [await attach(scene), await attach(scene), await attach(scene)];
      const [slowly, quickly] = [readerOf(slow), readerOf(quick)];
      await readerOf(gone).cancel();
      expect(textOf((await quickly.read()).value)).toBe("a");
      for (let piece = 0; piece < 20; piece += 1) {
        expect(await run.tell(new Uint8Array(64 * 1024))).toBe(true);
        expect((await quickly.read()).value?.byteLength).toBe(64 * 1024);
      }
      await run.end();
      expect((await quickly.read()).done).toBe(true);
      await expect(slowly.read()).rejects.toThrow();
    });
  });

  it("comes too late for a live stream when its beginning is gone, and gets the kept reply", async () => {
    await inObject(async (scene) => {
      const run = await running(scene);
      for (let piece = 0; piece < 20; piece += 1) await run.tell(new Uint8Array(64 * 1024));
      const waiting = attach(scene);
      await run.end();
      expect(await waiting).toEqual({ is: "over" });
    });
  });

  it.each<[string, (run: Awaited<ReturnType<typeof running>>, scene: OnceScene) => unknown]>([
    ["is broken off", (run) => run.end(false)],
    ["falls silent", (_, { clock }) => clock.play(LOCK_MS)],
    [
      "loses a piece",
      (run, { store }) =>
        store().oncePiece("key", run.fence, { number: 5, head: undefined, bytes: bytes("x") }),
    ],
    [
      "ends with more pieces than came",
      (run, { store }) => store().onceEnd("key", run.fence, done("reply"), 9),
    ],
  ])("sees no end of a run that %s", async (_, how) => {
    await inObject(async (scene) => {
      const run = await running(scene);
      await run.tell("a");
      const reader = readerOf(await attach(scene));
      expect(textOf((await reader.read()).value)).toBe("a");
      const next = reader.read();
      next.catch(() => {});
      await how(run, scene);
      await expect(next).rejects.toThrow("the run is lost");
    });
  });

  it("hears a repeated piece once, and nothing of a run that was replaced", async () => {
    await inObject(async (scene) => {
      const { store, clock } = scene;
      const first = await running(scene);
      await clock.play(LOCK_MS);
      const run = await running(scene, "two");
      const piece = { number: 0, head: HEAD, bytes: bytes("a") };
      expect(await store().oncePiece("key", first.fence, piece)).toBe(false);
      for (const _ of [1, 2]) {
        expect(await store().oncePiece("key", run.fence, piece)).toBe(true);
      }
      const reader = readerOf(await attach(scene));
      await store().onceEnd("key", run.fence, done("reply"), 1);
      expect(await rest(reader)).toBe("a");
    });
  });

  it("waits for the end where the object has forgotten the beginning", async () => {
    await inObject(async (scene) => {
      const run = await running(scene);
      await run.tell("a");
      scene.restart();
      const waiting = attach(scene);
      expect(await run.tell("b")).toBe(false);
      await run.end(false);
      expect(await waiting).toEqual({ is: "over" });
    });
  });

  it("is kept waiting no longer than a run lives, renewed as often as it says that it does", async () => {
    await inObject(async (scene) => {
      const { store, clock } = scene;
      const run = await running(scene);
      await run.tell("a");
      const reader = readerOf(await attach(scene));
      await reader.read();
      const next = reader.read();
      next.catch(() => {});
      for (let renewals = 0; renewals < 10; renewals += 1) {
        await clock.play(LOCK_MS / 3);
        expect(await store().onceRenew("key", run.fence)).toBe(true);
      }
      await run.tell("b");
      expect(textOf((await next).value)).toBe("b");
    });
  });

  it("costs an object no more than 16 MiB, however many runs there are", async () => {
    await inObject(async ({ store }) => {
      let followed = 0;
      for (let at = 0; at < 40; at += 1) {
        const id = `key-${at}`;
        const begun = await store().onceBegin({
          principal: PRINCIPAL,
          id,
          fingerprint: "same",
          owner: "one",
        });
        if (begun.is !== "go") throw new Error("it does not run");
        const piece = { number: 0, head: HEAD, bytes: new Uint8Array(1024 * 1024) };
        if (await store().oncePiece(id, begun.fence, piece)) followed += 1;
        else await store().onceEnd(id, begun.fence, { is: "done_large" }, undefined);
      }
      expect(followed).toBe(16);
      await store().onceEnd("key-0", 1, { is: "done_large" }, 1);
      const again = await store().onceBegin({
        principal: PRINCIPAL,
        id: "new",
        fingerprint: "same",
        owner: "one",
      });
      const piece = { number: 0, head: HEAD, bytes: new Uint8Array(1024 * 1024) };
      expect(await store().oncePiece("new", again.is === "go" ? again.fence : 0, piece)).toBe(true);
    });
  });
});
