/**
 * Decides: how sizes are remembered in little room: how many lately fell between two steps of a scale
 * whose steps grow by a factor.
 * Never: remembers a single one, or more than the latest few hundred together.
 */

/** `least`: where the scale begins; what is smaller counts as that. */
export type Scale = { readonly least: number; readonly factor: number; readonly steps: number };

/** Whole numbers, by step; steps after the last that was met are left out. */
export type Histogram = readonly number[];

/** With so many the older ones weigh half as much: what is learnt follows the last few hundred. */
const FULL = 512;

const stepOf = (value: number, { least, factor, steps }: Scale): number => {
  const step = Math.ceil(Math.log(value / least) / Math.log(factor));
  // A logarithm may miss a border by a hair.
  const exact = least * factor ** (step - 1) >= value ? step - 1 : step;
  return Math.min(steps - 1, Math.max(0, exact));
};

export const totalOf = (histogram: Histogram): number =>
  histogram.reduce((sum, count) => sum + count, 0);

export const withValue = (histogram: Histogram, value: number, scale: Scale): Histogram => {
  const step = stepOf(value, scale);
  const counts = histogram.slice();
  while (counts.length <= step) counts.push(0);
  counts[step] = (counts[step] ?? 0) + 1;
  if (totalOf(counts) <= FULL) return counts;
  const halved = counts.map((count) => count >> 1);
  return halved.slice(0, halved.findLastIndex((count) => count > 0) + 1);
};

/** At least the value below or at which `share` of those remembered are, and less than one step above it. */
export const quantileOf = (
  histogram: Histogram,
  share: number,
  { least, factor }: Scale,
): number | undefined => {
  const rank = Math.ceil(totalOf(histogram) * share);
  if (rank === 0) return undefined;
  let passed = 0;
  const step = histogram.findIndex((count) => {
    passed += count;
    return passed >= rank;
  });
  return least * factor ** step;
};
