import { beforeEach, describe, expect, it } from "vitest";
import { createFlushing, type FlushSoon } from "../../src/platform/objects/target-flush.ts";
import { createVirtualTime, type VirtualTime } from "../support/virtual-time.ts";

describe("the counts of a target are written", () => {
  let time: VirtualTime;
  let written: number[];
  let flushSoon: FlushSoon;
  beforeEach(() => {
    time = createVirtualTime();
    const begun = time.now();
    written = [];
    const flush = (): void => void written.push((time.now() - begun) / 1_000);
    flushSoon = createFlushing({ clock: time, flush, background: () => {} });
  });

  it("five seconds after the last of them", async () => {
    flushSoon(false);
    await time.play(3_000);
    flushSoon(false);
    await time.play(60_000);
    expect(written).toEqual([10]);
  });

  it("each minute while they keep coming", async () => {
    for (let second = 0; second < 130; second += 1) {
      flushSoon(false);
      await time.play(1_000);
    }
    expect(written).toEqual([60, 120]);
  });

  it("within five seconds where something has failed", async () => {
    for (let second = 0; second < 12; second += 1) {
      flushSoon(second === 1);
      await time.play(1_000);
    }
    expect(written).toEqual([5]);
  });

  it("no more when none come", async () => {
    flushSoon(true);
    await time.play(600_000);
    expect(written).toEqual([5]);
  });
});
