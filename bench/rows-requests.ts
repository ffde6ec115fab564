/**
 * Decides: the rows about answers that come whole, and what is measured for each.
 * Never: measures a stream.
 */
import { expectHit, HIT, missing } from "./cache-hits.ts";
import {
  bothSides,
  cpuEach,
  cpuRatio,
  type Group,
  inBlocks,
  quantileOf,
  rateRatio,
  SECONDS,
} from "./measure.ts";

const BUSY = { connections: 32, seconds: SECONDS };

export const REQUEST_GROUPS: readonly Group[] = [
  {
    id: "requests",
    suitsAny: true,
    rows: [
      {
        title: "requests a second at 32 connections, full / floor",
        unit: "×",
        bar: { atLeast: 0.6 },
      },
      { title: "CPU a request, full / floor", unit: "×", bar: { atMost: 2.2 } },
    ],
    measure: async (lab, round) => {
      const pair = await bothSides(lab, round, { model: "whole" }, BUSY);
      return [rateRatio(pair), cpuRatio(pair)];
    },
  },
  {
    id: "miss",
    rows: [
      {
        title: "the same, each looked for in the exact cache: requests a second",
        unit: "×",
        bar: { atLeast: 0.6 },
      },
      {
        title: "the same, each looked for in the exact cache: CPU",
        unit: "×",
        bar: { atMost: 2.2 },
      },
    ],
    measure: async (lab, round) => {
      const pair = await bothSides(lab, round, missing(round), BUSY);
      return [rateRatio(pair), cpuRatio(pair)];
    },
  },
  {
    id: "latency",
    suitsAny: true,
    rows: [
      { title: "added latency at 1 connection, paced, p50", unit: "ms", bar: { atMost: 0.35 } },
      { title: "added latency at 1 connection, paced, p99", unit: "ms", bar: { atMost: 1 } },
    ],
    measure: async (lab) => {
      const { floor, full } = await inBlocks(lab, { model: "whole" });
      return [0.5, 0.99].map(
        (share) => quantileOf(full.totalMs, share) - quantileOf(floor.totalMs, share),
      );
    },
  },
  {
    id: "hit",
    rows: [
      { title: "exact cache hit: requests a second / floor's", unit: "×", bar: { atLeast: 1 } },
    ],
    measure: async (lab, round) => {
      const pair = await bothSides(lab, round, HIT, BUSY);
      await expectHit(lab);
      return [rateRatio(pair)];
    },
  },
  {
    id: "prompt",
    rows: [
      { title: "a prompt of 500 kB: CPU, full / floor", unit: "×", bar: { atMost: 8 } },
      { title: "500 kB / 250 kB: CPU of the gateway", unit: "×", bar: { atMost: 2.5 } },
    ],
    measure: async (lab, round) => {
      const shape = { connections: 4, count: 80 };
      const of = (promptBytes: number) =>
        bothSides(lab, round, { model: "whole", promptBytes }, shape);
      const large = await of(500_000);
      const small = await of(250_000);
      return [cpuRatio(large), cpuEach(large.full) / cpuEach(small.full)];
    },
  },
];
