import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CODA_MS, createFrameSource, isEnd } from "../../src/pipeline/frame-source.ts";
import { createWatchdog } from "../../src/pipeline/watchdog.ts";
import { createTestClock } from "../support/clock.ts";
import { joinBytes, splitAt } from "../support/split.ts";

const scene = () => {
  const clock = createTestClock();
  const caller = new AbortController();
  const watchdog = createWatchdog(clock, caller.signal, clock.now() + 600_000);
  return { clock, caller, watchdog };
};

/** A stream of bytes, as `fetch` gives it, or one of chunks. */
const bodyOf = (chunks: readonly Uint8Array[], isBytes: boolean): ReadableStream<Uint8Array> => {
  const left = chunks.map((chunk) => chunk.slice());
  if (isBytes) {
    return new ReadableStream({
      type: "bytes",
      pull: (controller) => {
        const chunk = left.shift();
        if (chunk !== undefined) return controller.enqueue(chunk);
        controller.close();
        controller.byobRequest?.respond(0);
      },
    });
  }
  return new ReadableStream({
    pull: (controller) => {
      const chunk = left.shift();
      if (chunk === undefined) controller.close();
      else controller.enqueue(chunk);
    },
  });
};

describe("the frames of a stream", () => {
  it("are its bytes, however they arrive, and its end is told again and again", async () => {
    const event = fc.nat({ max: 3_000 }).map((length) => `data: ${"x".repeat(length)}\n\n`);
    const places = fc.array(fc.nat({ max: 9_000 }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(event, { maxLength: 6 }),
        fc.constantFrom("", "data: half"),
        places,
        fc.boolean(),
        async (events, half, cuts, isBytes) => {
          const bytes = new TextEncoder().encode(events.join("") + half);
          const chunks = splitAt(bytes, cuts).filter(({ length }) => length > 0);
          const source = createFrameSource(bodyOf(chunks, isBytes), scene().watchdog);
          const frames: Uint8Array[] = [];
          let batch = await source.next();
          for (; !isEnd(batch); batch = await source.next()) {
            expect(batch.length).toBeGreaterThan(0);
            frames.push(...batch.map((frame) => frame.bytes));
          }
          expect(frames.length).toBe(events.length);
          const rest = batch.end === "eof" ? batch.rest : undefined;
          expect(batch.end).toBe("eof");
          const all = joinBytes(rest === undefined ? frames : [...frames, rest]);
          expect(Buffer.compare(all, bytes)).toBe(0);
          expect(await source.next()).toBe(batch);
        },
      ),
    );
  });

  it("end where one of them is over the cap, and the connection is let go", async () => {
    const { watchdog } = scene();
    const chunk = new Uint8Array(1024 * 1024).fill(120);
    const source = createFrameSource(bodyOf(Array(20).fill(chunk), true), watchdog);
    expect(await source.next()).toEqual({ end: "overflow" });
    expect(watchdog.signal.aborted).toBe(true);
  });

  it.each([true, false])(
    "once read to the end, leave the connection to serve again (%s)",
    async (isBytes) => {
      const { watchdog } = scene();
      const chunks = ["data: a\n\n", "data: b\n\n"].map((text) => new TextEncoder().encode(text));
      const source = createFrameSource(bodyOf(chunks, isBytes), watchdog);
      await source.next();
      await source.rest();
      expect(watchdog.signal.aborted).toBe(false);
    },
  );

  it("are let go with the connection where its end does not come in a moment", async () => {
    const { clock, watchdog } = scene();
    const body = new ReadableStream<Uint8Array>({
      start: (controller) =>
        watchdog.signal.addEventListener("abort", () => controller.error(new Error("aborted"))),
    });
    const resting = createFrameSource(body, watchdog).rest();
    await clock.advance(CODA_MS - 1);
    expect(watchdog.signal.aborted).toBe(false);
    await clock.advance(1);
    await resting;
    expect(watchdog.signal.aborted).toBe(true);
  });

  it.each([
    ["caller", { end: "caller" }],
    ["idle", { end: "timeout", phase: "idle" }],
  ] as const)(
    "say who ended a wait, also where the stream closes in order: %s",
    async (why, end) => {
      const { clock, caller, watchdog } = scene();
      let close = () => {};
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => {
          close = () => controller.close();
        },
      });
      const source = createFrameSource(body, watchdog);
      watchdog.watch("idle", 1_000);
      const next = source.next();
      if (why === "caller") caller.abort();
      else await clock.advance(1_000);
      close();
      expect(await next).toEqual(end);
    },
  );
});
