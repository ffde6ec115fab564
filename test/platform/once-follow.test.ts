import { describe, expect, it } from "vitest";
import type { KeptReply } from "../../src/ports.ts";
import { type Begun, breathe, codeOf, isolate, REPLY } from "./once-isolate.ts";
import { bytes, inObject, textOf } from "./once-scene.ts";

const said = async ({ body }: KeptReply): Promise<string> =>
  body instanceof ReadableStream ? new Response(body).text() : textOf(body);

describe("a caller who would wait", () => {
  it("gets the reply when it is there", async () => {
    await inObject(async (scene) => {
      const run = await isolate(scene).go();
      const waiting = isolate(scene).begin({ waitMs: 5_000 });
      await breathe();
      await run.done(REPLY, true);
      expect(await waiting).toEqual({ is: "replay", reply: REPLY });
    });
  });

  it("runs himself when the key was freed", async () => {
    await inObject(async (scene) => {
      const run = await isolate(scene).go();
      const waiting = isolate(scene).begin({ waitMs: 5_000 });
      await breathe();
      await run.free(true);
      expect(codeOf(await waiting)).toBe("go");
    });
  });

  it.each([
    [5_000, 5_000],
    [600_000, 60_000],
  ])("for %i ms is told after %i ms that it still runs", async (waitMs, told) => {
    await inObject(async (scene) => {
      await isolate(scene).go();
      let answer: Begun | undefined;
      const waiting = isolate(scene).begin({ waitMs });
      waiting.then((begun) => {
        answer = begun;
      });
      await breathe();
      await scene.clock.play(told - 1);
      await breathe();
      expect(answer).toBeUndefined();
      await scene.clock.play(1);
      expect(await waiting).toMatchObject({
        failure: { code: "idempotency_in_progress", retryAfterMs: 2_000 },
      });
    });
  });

  it("follows a stream from its start, live", async () => {
    await inObject(async (scene) => {
      const { go, counted } = isolate(scene);
      const run = await go();
      const head = { status: 200, headers: { "content-type": "text/event-stream" } };
      const waiting = isolate(scene).begin({ waitMs: 5_000 });
      for (const piece of ["a", "b", "c"]) run.told(head, bytes(piece));
      await breathe();
      expect(counted.filter((name) => name === "oncePiece")).toEqual([]);
      await scene.clock.play(250);
      const found = await waiting;
      if (found.is !== "replay" || !(found.reply.body instanceof ReadableStream)) {
        throw new Error("no stream to follow");
      }
      expect(found.reply).toMatchObject(head);
      const reader = found.reply.body.getReader();
      expect(textOf((await reader.read()).value)).toBe("abc");
      run.told(head, new Uint8Array(64 * 1024));
      expect((await reader.read()).value?.byteLength).toBe(64 * 1024);
      run.told(head, bytes("end"));
      await run.done(REPLY, true);
      expect(textOf((await reader.read()).value)).toBe("end");
      expect((await reader.read()).done).toBe(true);
      expect(counted.filter((name) => name === "oncePiece")).toHaveLength(3);
    });
  });

  it("does not see the end of a stream of which a piece was lost", async () => {
    await inObject(async (scene) => {
      let pieces = 0;
      const { go } = isolate(scene, (name, call) => {
        if (name === "oncePiece") pieces += 1;
        return pieces === 2 && name === "oncePiece" ? Promise.reject(new Error("gone")) : call();
      });
      const run = await go();
      const head = { status: 200, headers: {} };
      run.told(head, bytes("a"));
      await scene.clock.play(250);
      const found = await isolate(scene).begin({ waitMs: 5_000 });
      if (found.is !== "replay") throw new Error("nothing to follow");
      run.told(head, bytes("b"));
      await run.done(REPLY, true);
      await expect(said(found.reply)).rejects.toThrow();
      const later = await isolate(scene).begin();
      expect(later).toEqual({ is: "replay", reply: REPLY });
    });
  });
});
