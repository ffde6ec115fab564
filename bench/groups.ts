/**
 * Decides: the rows of the speed table, what is measured for each, and its bar.
 * Never: prints. A group is what one measurement yields together; a round is one interleaved pass over them.
 */
import { measureBundle } from "./bundle-size.ts";
import { ALIKE_ROWS, expectHit, HIT, measureAlike } from "./cache-hits.ts";
import type { Ask, Lab, Sample, Shape, Side } from "./lab.ts";
import { ADMISSION_ROWS, measureAdmissions } from "./measure-admissions.ts";
import { residentBytes } from "./process.ts";
import { measureScale } from "./scale.ts";

export type Row = {
  readonly title: string;
  readonly unit: "×" | "ms" | "kB" | "";
  readonly bar: { readonly atLeast: number } | { readonly atMost: number };
};

export type Group = {
  readonly id: string;
  readonly rows: readonly Row[];
  /** One figure a row. `round` counts from 0; odd rounds begin with the other side. */
  readonly measure: (lab: Lab, round: number) => Promise<readonly number[]>;
  /** Measured once, whatever the number of rounds. */
  readonly isOnce?: true;
};

const SECONDS = 2;
const BLOCKS = 8;
const BLOCK_REQUESTS = 50;

/** Both sides, one after the other, in an order that alternates. */
const bothSides = async (
  lab: Lab,
  round: number,
  ask: Ask,
  shape: Shape,
): Promise<Record<Side, Sample>> => {
  const sides: readonly Side[] = round % 2 === 0 ? ["floor", "full"] : ["full", "floor"];
  const samples: Partial<Record<Side, Sample>> = {};
  for (const side of sides) samples[side] = await lab.load(side, ask, shape);
  const { floor, full } = samples;
  if (floor === undefined || full === undefined) throw new Error("a side was not measured");
  return { floor, full };
};

/** Small blocks of one request after another, the sides in turn: noise of the machine falls on both alike. */
const inBlocks = async (
  lab: Lab,
  ask: Ask,
): Promise<Record<Side, { readonly totalMs: number[]; readonly firstByteMs: number[] }>> => {
  const shape = { connections: 1, count: BLOCK_REQUESTS, paceMs: 2 };
  const merged = {
    floor: { totalMs: [] as number[], firstByteMs: [] as number[] },
    full: { totalMs: [] as number[], firstByteMs: [] as number[] },
  };
  for (let block = 0; block < BLOCKS; block += 1) {
    const pair = await bothSides(lab, block, ask, shape);
    for (const side of ["floor", "full"] as const) {
      merged[side].totalMs.push(...pair[side].totalMs);
      merged[side].firstByteMs.push(...pair[side].firstByteMs);
    }
  }
  return merged;
};

const rate = (sample: Sample): number => sample.completed / sample.seconds;
const cpuEach = (sample: Sample): number => sample.cpuSeconds / sample.completed;
const cpuRatio = ({ floor, full }: Record<Side, Sample>): number => cpuEach(full) / cpuEach(floor);
const rateRatio = ({ floor, full }: Record<Side, Sample>): number => rate(full) / rate(floor);
const at = (figures: readonly number[], share: number): number => {
  const sorted = figures.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
};

const streamRow = (title: string, atMost: number): Row => ({ title, unit: "×", bar: { atMost } });

export const GROUPS: readonly Group[] = [
  {
    id: "requests",
    rows: [
      {
        title: "requests a second at 32 connections, full / floor",
        unit: "×",
        bar: { atLeast: 0.6 },
      },
      { title: "CPU a request, full / floor", unit: "×", bar: { atMost: 2.2 } },
    ],
    measure: async (lab, round) => {
      const shape = { connections: 32, seconds: SECONDS };
      const pair = await bothSides(lab, round, { model: "whole" }, shape);
      return [rateRatio(pair), cpuRatio(pair)];
    },
  },
  {
    id: "latency",
    rows: [
      {
        title: "added latency at 1 connection, paced, p50",
        unit: "ms",
        bar: { atMost: 0.35 },
      },
      { title: "added latency at 1 connection, paced, p99", unit: "ms", bar: { atMost: 1 } },
    ],
    measure: async (lab) => {
      const { floor, full } = await inBlocks(lab, { model: "whole" });
      return [0.5, 0.99].map((share) => at(full.totalMs, share) - at(floor.totalMs, share));
    },
  },
  {
    id: "burst",
    rows: [streamRow("stream of 200 events, same dialect, burst: CPU / floor", 2)],
    measure: async (lab, round) => {
      const shape = { connections: 8, seconds: SECONDS };
      const ask = { model: "burst-200", stream: true };
      return [cpuRatio(await bothSides(lab, round, ask, shape))];
    },
  },
  {
    id: "batch",
    rows: [streamRow("stream of 200 events, same dialect, burst in chunks of 20: CPU / floor", 2)],
    measure: async (lab, round) => {
      const shape = { connections: 8, seconds: SECONDS };
      const ask = { model: "batch-200-20", stream: true };
      return [cpuRatio(await bothSides(lab, round, ask, shape))];
    },
  },
  {
    id: "paced",
    rows: [streamRow("stream of 200 events, same dialect, paced 10 ms: CPU / floor", 2.5)],
    measure: async (lab, round) => {
      const shape = { connections: 32, count: 32 };
      const ask = { model: "paced-200-10", stream: true };
      return [cpuRatio(await bothSides(lab, round, ask, shape))];
    },
  },
  {
    id: "translated",
    rows: [streamRow("stream of 200 events, Anthropic → OpenAI, burst: CPU / floor", 4)],
    measure: async (lab, round) => {
      const shape = { connections: 8, seconds: SECONDS };
      const ask: Ask = { model: "burst-200", stream: true, provider: "anthropic" };
      return [cpuRatio(await bothSides(lab, round, ask, shape))];
    },
  },
  {
    id: "events",
    rows: [
      {
        title: "streamed events a second at 32 connections / floor",
        unit: "×",
        bar: { atLeast: 0.75 },
      },
    ],
    measure: async (lab, round) => {
      const shape = { connections: 32, seconds: SECONDS };
      const ask = { model: "burst-200", stream: true };
      return [rateRatio(await bothSides(lab, round, ask, shape))];
    },
  },
  {
    id: "first-byte",
    rows: [
      { title: "first byte of a stream, full − floor, p50", unit: "ms", bar: { atMost: 0.5 } },
    ],
    measure: async (lab) => {
      const { floor, full } = await inBlocks(lab, { model: "burst-200", stream: true });
      return [at(full.firstByteMs, 0.5) - at(floor.firstByteMs, 0.5)];
    },
  },
  {
    id: "event",
    rows: [
      { title: "one SSE event of 4 MB: CPU", unit: "ms", bar: { atMost: 150 } },
      { title: "one SSE event of 8 MB: CPU", unit: "ms", bar: { atMost: 150 } },
      { title: "8 MB / 4 MB: CPU", unit: "×", bar: { atMost: 2.5 } },
    ],
    measure: async (lab) => {
      const shape = { connections: 1, count: 10 };
      const cpuOf = async (model: string): Promise<number> =>
        cpuEach(await lab.load("full", { model, stream: true }, shape)) * 1000;
      const four = await cpuOf("event-4000000");
      const eight = await cpuOf("event-8000000");
      return [four, eight, eight / four];
    },
  },
  {
    id: "memory",
    isOnce: true,
    rows: [
      { title: "memory with 1,000 open streams, full / floor", unit: "×", bar: { atMost: 1.5 } },
    ],
    measure: async (lab) => {
      const shape = { connections: 1000, hold: true };
      const ask = { model: "open", stream: true };
      const bytes: number[] = [];
      for (const side of ["floor", "full"] as const) {
        await lab.load(side, ask, shape);
        bytes.push(residentBytes(lab[side].pid));
      }
      // The next job of the load generator closes what is open.
      await lab.load("floor", { model: "whole" }, { connections: 1, count: 1 });
      const [floor = 0, full = 0] = bytes;
      return [full / floor];
    },
  },
  {
    id: "scale",
    isOnce: true,
    rows: [
      {
        title: "requests a second with 10,000 keys and 1,000 models / with 1 of each",
        unit: "×",
        bar: { atLeast: 0.95 },
      },
    ],
    measure: measureScale,
  },
  {
    id: "hit",
    rows: [
      {
        title: "exact cache hit: requests a second / floor's",
        unit: "×",
        bar: { atLeast: 1 },
      },
    ],
    measure: async (lab, round) => {
      const pair = await bothSides(lab, round, HIT, { connections: 32, seconds: SECONDS });
      await expectHit(lab);
      return [rateRatio(pair)];
    },
  },
  { id: "alike", rows: ALIKE_ROWS, measure: measureAlike },
  { id: "admissions", isOnce: true, rows: ADMISSION_ROWS, measure: measureAdmissions },
  {
    id: "bundle",
    isOnce: true,
    rows: [
      { title: "code loaded at the start, gzipped", unit: "kB", bar: { atMost: 150 } },
      { title: "start-up CPU", unit: "ms", bar: { atMost: 20 } },
    ],
    measure: measureBundle,
  },
];

/** Rows of the table whose subject does not exist yet. */
export const NOT_YET: readonly string[] = ["requests a second with 100 rules / with 1"];
