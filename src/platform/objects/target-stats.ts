/**
 * Decides: how a target's latest hour is summed up for operators: counts, cost, percentiles.
 * Never: weighs in a decision; what routing goes by are the averages of the breaker.
 */

/** Neighbouring steps of the histogram are a tenth apart. */
const BASE = Math.log(1.1);
const HOUR_MS = 3_600_000;

/** Calls by duration: how many fell into each step. */
export type Histogram = Readonly<Record<number, number>>;

export type Stats = {
  readonly requests: number;
  readonly failures: number;
  readonly costNanoUsd: number;
  readonly total: Histogram;
  readonly firstToken: Histogram;
};

export const NO_STATS: Stats = {
  requests: 0,
  failures: 0,
  costNanoUsd: 0,
  total: {},
  firstToken: {},
};

/** The hour of the clock that is running, and the one before. */
export type StatsHours = { readonly hour: number; readonly running: Stats; readonly before: Stats };
export const noHours: StatsHours = { hour: 0, running: NO_STATS, before: NO_STATS };

const stepOf = (ms: number): number => Math.round(Math.log(Math.max(1, ms)) / BASE);
const msOf = (step: number): number => Math.round(Math.exp(step * BASE));

/** One call that ended, as far as it is known. */
export type CallFigures = {
  readonly failed: boolean;
  /** Milliseconds. */
  readonly totalMs: number | undefined;
  readonly firstTokenMs: number | undefined;
  readonly costNanoUsd: number;
};

const histogramOf = (durations: readonly (number | undefined)[]): Histogram => {
  const steps: Record<number, number> = {};
  for (const ms of durations) {
    if (ms === undefined) continue;
    steps[stepOf(ms)] = (steps[stepOf(ms)] ?? 0) + 1;
  }
  return steps;
};

export const statsOf = (calls: readonly CallFigures[]): Stats => ({
  requests: calls.length,
  failures: calls.filter(({ failed }) => failed).length,
  costNanoUsd: calls.reduce((sum, { costNanoUsd }) => sum + costNanoUsd, 0),
  total: histogramOf(calls.map(({ totalMs }) => totalMs)),
  firstToken: histogramOf(calls.map(({ firstTokenMs }) => firstTokenMs)),
});

const joined = (a: Histogram, b: Histogram): Histogram => {
  const sum: Record<number, number> = { ...a };
  for (const [step, count] of Object.entries(b)) {
    sum[Number(step)] = (sum[Number(step)] ?? 0) + count;
  }
  return sum;
};

export const joinedStats = (a: Stats, b: Stats): Stats => ({
  requests: a.requests + b.requests,
  failures: a.failures + b.failures,
  costNanoUsd: a.costNanoUsd + b.costNanoUsd,
  total: joined(a.total, b.total),
  firstToken: joined(a.firstToken, b.firstToken),
});

const turned = (hours: StatsHours, now: number): StatsHours => {
  const hour = Math.floor(now / HOUR_MS);
  if (hour <= hours.hour) return hours;
  return { hour, running: NO_STATS, before: hour === hours.hour + 1 ? hours.running : NO_STATS };
};

export const withStats = (hours: StatsHours, now: number, stats: Stats): StatsHours => {
  if (stats.requests === 0) return hours;
  const { hour, running, before } = turned(hours, now);
  return { hour, running: joinedStats(running, stats), before };
};

/** The running hour and the whole one before it. */
export const latestStats = (hours: StatsHours, now: number): Stats => {
  const { running, before } = turned(hours, now);
  return joinedStats(before, running);
};

/** Milliseconds, to within a twentieth, below which the share `quantile` of the calls lie. */
export const quantileOf = (histogram: Histogram, quantile: number): number | undefined => {
  const steps = Object.entries(histogram)
    .map(([step, count]) => [Number(step), count] as const)
    .sort(([a], [b]) => a - b);
  const rank = quantile * steps.reduce((sum, [, count]) => sum + count, 0);
  let passed = 0;
  for (const [step, count] of steps) {
    passed += count;
    if (passed >= rank) return msOf(step);
  }
  return undefined;
};
