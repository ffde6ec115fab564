/**
 * Decides: how two sides are measured beside each other, and what a row and a group of rows are.
 * Never: knows a row. A group is what one measurement yields together; a round is one interleaved pass over all.
 */
import type { Ask, Lab, Sample, Shape, Side } from "./lab.ts";

export type Row = {
  readonly title: string;
  readonly unit: "×" | "ms" | "kB" | "";
  readonly bar: { readonly atLeast: number } | { readonly atMost: number };
};

export type Group = {
  readonly id: string;
  readonly rows: readonly Row[];
  /** One figure a row, NaN where there is none. `round` counts from 0; odd rounds begin with the other side. */
  readonly measure: (lab: Lab, round: number) => Promise<readonly number[]>;
  /** Measured once, whatever the number of rounds. */
  readonly isOnce?: true;
  /** Any gateway that speaks OpenAI's chat can be measured by it, beside the same floor. */
  readonly suitsAny?: true;
};

export const SECONDS = 2;
const BLOCKS = 8;
const BLOCK_REQUESTS = 50;

export type Pair = Record<Side, Sample>;

/** Both sides, one after the other, in an order that alternates. */
export const bothSides = async (lab: Lab, round: number, ask: Ask, shape: Shape): Promise<Pair> => {
  const sides: readonly Side[] = round % 2 === 0 ? ["floor", "full"] : ["full", "floor"];
  const samples: Partial<Pair> = {};
  for (const side of sides) samples[side] = await lab.load(side, ask, shape);
  const { floor, full } = samples;
  if (floor === undefined || full === undefined) throw new Error("a side was not measured");
  return { floor, full };
};

type Times = Record<Side, { readonly totalMs: number[]; readonly firstByteMs: number[] }>;

/** Small blocks of one request after another, the sides in turn: noise of the machine falls on both alike. */
export const inBlocks = async (lab: Lab, ask: Ask): Promise<Times> => {
  const shape = { connections: 1, count: BLOCK_REQUESTS, paceMs: 2 };
  const merged: Times = {
    floor: { totalMs: [], firstByteMs: [] },
    full: { totalMs: [], firstByteMs: [] },
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

/** Requests a second. */
export const rate = ({ completed, seconds }: Sample): number => completed / seconds;

/** Seconds of CPU a request. */
export const cpuEach = ({ cpuSeconds, completed }: Sample): number => cpuSeconds / completed;
export const cpuRatio = ({ floor, full }: Pair): number => cpuEach(full) / cpuEach(floor);
export const rateRatio = ({ floor, full }: Pair): number => rate(full) / rate(floor);

export const medianOf = (figures: readonly number[]): number => {
  const sorted = figures.toSorted((a, b) => a - b);
  const half = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(half)] ?? Number.NaN) + (sorted[Math.ceil(half)] ?? Number.NaN)) / 2;
};

/** The value that `share` of them do not exceed. */
export const quantileOf = (figures: readonly number[], share: number): number => {
  const sorted = figures.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
};
