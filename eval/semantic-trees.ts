/**
 * Decides: how a forest is grown: gradient boosting on the logistic loss, figures in bins, each figure
 * allowed to push only the way that its meaning says.
 * Never: uses chance but its own, which is the same in every run.
 */
import { coarse, type Forest } from "../src/policy/cache/semantic/trees.ts";

const BINS = 48;

export type Growing = {
  readonly trees: number;
  readonly depth: number;
  /** How much of each tree's advice is taken. */
  readonly rate: number;
  /** Added to every node's curvature: few examples move little. */
  readonly ridge: number;
  /** Curvature that each side of a split must have. */
  readonly least: number;
  readonly sample: number;
  readonly figures: number;
};

export type Examples = {
  readonly rows: readonly (readonly number[])[];
  readonly same: readonly boolean[];
  readonly weights: readonly number[];
};

const seeded = (seed: number): (() => number) => {
  let at = seed;
  return () => {
    at = (Math.imul(at, 1_664_525) + 1_013_904_223) >>> 0;
    return at / 2 ** 32;
  };
};

/** Bounds between bins: all distinct values where those are few, quantiles otherwise. */
const boundsOf = (column: Float64Array): readonly number[] => {
  const sorted = column.toSorted();
  const distinct = [...new Set(sorted)];
  if (distinct.length <= BINS) {
    return distinct.slice(1).map((value, at) => (value + (distinct[at] ?? 0)) / 2);
  }
  const cuts = Array.from(
    { length: BINS - 1 },
    (_, at) => sorted[Math.floor(((at + 1) * sorted.length) / BINS)] ?? 0,
  );
  return cuts;
};

const binOf = (bounds: readonly number[], value: number): number => {
  let [low, high] = [0, bounds.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (value < (bounds[middle] ?? 0)) high = middle;
    else low = middle + 1;
  }
  return low;
};

type Split = { figure: number; bin: number; gain: number; left: number; right: number };
type Range = { readonly low: number; readonly high: number };

/** Grows a forest; `ways` says of each figure whether more of it may only raise (1) or lower (−1) the score. */
export const grow = (examples: Examples, ways: readonly number[], how: Growing): Forest => {
  const { rows, same, weights } = examples;
  const random = seeded(7);
  const columns = ways.map((_, figure) => Float64Array.from(rows, (row) => row[figure] ?? 0));
  const bounds = columns.map((column) => [...new Set(boundsOf(column).map(coarse))]);
  const bins = columns.map((column, figure) =>
    Uint8Array.from(column, (value) => binOf(bounds[figure] ?? [], value)),
  );
  const all = rows.map((_, at) => at);
  const positive = all.reduce((sum, at) => sum + (same[at] ? (weights[at] ?? 0) : 0), 0);
  const total = all.reduce((sum, at) => sum + (weights[at] ?? 0), 0);
  const base = coarse(Math.log(positive / (total - positive)));
  const scores = new Float64Array(rows.length).fill(base);
  const slope = new Float64Array(rows.length);
  const curve = new Float64Array(rows.length);
  const figure: number[] = [];
  const value: number[] = [];
  const right: number[] = [];
  const roots: number[] = [];

  const sums = (of: readonly number[]): [number, number] => {
    let [slopes, curves] = [0, 0];
    for (const at of of) {
      slopes += slope[at] ?? 0;
      curves += curve[at] ?? 0;
    }
    return [slopes, curves];
  };
  const within = ({ low, high }: Range, step: number): number =>
    Math.min(high, Math.max(low, step));

  const bestSplit = (of: readonly number[], used: readonly number[]): Split | undefined => {
    const [slopes, curves] = sums(of);
    const whole = slopes ** 2 / (curves + how.ridge);
    let best: Split | undefined;
    for (const one of used) {
      const cuts = bounds[one]?.length ?? 0;
      const [slopeIn, curveIn] = [new Float64Array(cuts + 1), new Float64Array(cuts + 1)];
      const column = bins[one] ?? new Uint8Array();
      for (const at of of) {
        const bin = column[at] ?? 0;
        slopeIn[bin] = (slopeIn[bin] ?? 0) + (slope[at] ?? 0);
        curveIn[bin] = (curveIn[bin] ?? 0) + (curve[at] ?? 0);
      }
      let [s, c] = [0, 0];
      for (let bin = 0; bin < cuts; bin++) {
        s += slopeIn[bin] ?? 0;
        c += curveIn[bin] ?? 0;
        if (c < how.least || curves - c < how.least) continue;
        const [left, rest] = [-s / (c + how.ridge), -(slopes - s) / (curves - c + how.ridge)];
        if ((ways[one] ?? 0) * (rest - left) < 0) continue;
        const gain =
          s ** 2 / (c + how.ridge) + (slopes - s) ** 2 / (curves - c + how.ridge) - whole;
        if (gain > (best?.gain ?? 1e-6)) best = { figure: one, bin, gain, left, right: rest };
      }
    }
    return best;
  };

  const node = (
    sampled: readonly number[],
    every: readonly number[],
    depth: number,
    range: Range,
    used: readonly number[],
  ): void => {
    const place = figure.length;
    const [slopes, curves] = sums(sampled);
    figure.push(-1);
    right.push(0);
    value.push(coarse(how.rate * within(range, -slopes / (curves + how.ridge))));
    const split = depth > 0 && curves >= 2 * how.least ? bestSplit(sampled, used) : undefined;
    if (split === undefined) {
      for (const at of every) scores[at] = (scores[at] ?? 0) + (value[place] ?? 0);
      return;
    }
    const column = bins[split.figure] ?? new Uint8Array();
    const goesLeft = (at: number): boolean => (column[at] ?? 0) <= split.bin;
    const middle = (within(range, split.left) + within(range, split.right)) / 2;
    const way = ways[split.figure] ?? 0;
    const { low, high } = range;
    figure[place] = split.figure;
    value[place] = bounds[split.figure]?.[split.bin] ?? 0;
    const leftRange = { low: way < 0 ? middle : low, high: way > 0 ? middle : high };
    const rightRange = { low: way > 0 ? middle : low, high: way < 0 ? middle : high };
    const stays = (at: number): boolean => !goesLeft(at);
    node(sampled.filter(goesLeft), every.filter(goesLeft), depth - 1, leftRange, used);
    right[place] = figure.length;
    node(sampled.filter(stays), every.filter(stays), depth - 1, rightRange, used);
  };

  for (let tree = 0; tree < how.trees; tree++) {
    for (const at of all) {
      const chance = 1 / (1 + Math.exp(-(scores[at] ?? 0)));
      slope[at] = (weights[at] ?? 0) * (chance - (same[at] ? 1 : 0));
      curve[at] = (weights[at] ?? 0) * chance * (1 - chance);
    }
    const used = ways.map((_, one) => one).filter(() => random() < how.figures);
    const sampled = all.filter(() => random() < how.sample);
    roots.push(figure.length);
    node(sampled, all, how.depth, { low: -Infinity, high: Infinity }, used);
  }
  return {
    base,
    roots,
    figure: Int8Array.from(figure),
    value: Float32Array.from(value),
    right: Uint16Array.from(right),
  };
};
