import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createOutflow } from "../../src/pipeline/outflow.ts";
import { createWatchdog } from "../../src/pipeline/watchdog.ts";
import { createTestClock } from "../support/clock.ts";
import { joinBytes } from "../support/split.ts";

const GATHER_MS = 1;
const HIGH_WATER = 128 * 1024;

type Write = { readonly from: number; readonly at: number; readonly size: number; over: number };

/** A caller who takes what is written `takes` milliseconds after it was. */
const scene = (takes: number) => {
  const clock = createTestClock();
  const writes: Write[] = [];
  const arrived: Uint8Array[] = [];
  const put: { readonly end: number; readonly at: number }[] = [];
  let given = 0;
  let taken = 0;
  let underWay = 0;
  const write = async (bytes: Uint8Array): Promise<void> => {
    expect(underWay).toBe(0);
    expect(bytes.length).toBeGreaterThan(0);
    underWay += 1;
    const one = { from: taken, at: clock.now(), size: bytes.length, over: Number.NaN };
    taken += bytes.length;
    arrived.push(bytes.slice());
    writes.push(one);
    if (takes > 0) await new Promise<void>((done) => void clock.after(takes, done));
    one.over = clock.now();
    underWay -= 1;
  };
  const watchdog = createWatchdog(clock, new AbortController().signal, Number.POSITIVE_INFINITY);
  const writer = { write, close: async () => {}, abort: async () => {} };
  const outflow = createOutflow(writer, clock, () => watchdog);
  return {
    ...{ clock, writes, put, arrived, outflow },
    isWriting: () => underWay > 0,
    waiting: () => given - taken,
    give: (pieces: readonly Uint8Array[]) => {
      const held = outflow.put(pieces);
      given += pieces.reduce((sum, { length }) => sum + length, 0);
      put.push({ end: given, at: clock.now() });
      return held;
    },
  };
};

/** Pieces as frames are: neighbours in one buffer, but for a first that may lie elsewhere. */
const piecesOf = (sizes: readonly number[], apart: boolean, seed: number): Uint8Array[] => {
  const bytes = new Uint8Array(sizes.reduce((a, b) => a + b, 3)).fill(seed + 1);
  let at = 3;
  return sizes.map((size, index) => {
    const piece = bytes.subarray(at, at + size);
    bytes[at] = index;
    at += size;
    return apart && index === 0 ? piece.slice() : piece;
  });
};

const size = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 1, max: 40 }) },
  { weight: 1, arbitrary: fc.integer({ min: 40_000, max: 90_000 }) },
);
const step = fc.record({
  sizes: fc.array(size, { maxLength: 4 }),
  apart: fc.boolean(),
  pause: fc.oneof(fc.constant(0), fc.nat({ max: 3 }), fc.nat({ max: 30 })),
});
const steps = fc.array(step, { maxLength: 20 });

describe("what flows out to a caller", () => {
  it("is what was put in, in one write at a time, and none of it waits for longer than it must", async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.constantFrom(0, 2, 40), async (steps, takes) => {
        const { clock, writes, put, arrived, outflow, give, isWriting, waiting } = scene(takes);
        const all: Uint8Array[] = [];
        for (const [at, { sizes, apart, pause }] of steps.entries()) {
          const pieces = piecesOf(sizes, apart, at);
          all.push(...pieces);
          const held = give(pieces);
          expect(held !== undefined).toBe(isWriting() && waiting() >= HIGH_WATER);
          await clock.advance(pause);
        }
        const flushed = outflow.flush();
        await clock.advance(100);
        await flushed;
        expect(Buffer.compare(joinBytes(arrived), joinBytes(all))).toBe(0);
        for (const [index, { from, at }] of writes.entries()) {
          const since = put.find(({ end }) => end > from)?.at ?? 0;
          const free = writes[index - 1]?.over ?? 0;
          expect(at - Math.max(since, free)).toBeLessThanOrEqual(GATHER_MS);
        }
      }),
      { numRuns: 100 },
    );
  });

  it("leaves at once after a pause, and together within a millisecond of a write", async () => {
    const { clock, writes, give } = scene(0);
    const counts: number[] = [];
    for (const pause of [0, 0, 1, 0, 5, 0]) {
      await clock.advance(pause);
      give([new Uint8Array(1)]);
      counts.push(writes.length);
    }
    await clock.advance(10);
    expect(counts).toEqual([1, 1, 2, 2, 4, 4]);
    expect(writes.map(({ size }) => size)).toEqual([1, 1, 2, 1, 1]);
  });
});
