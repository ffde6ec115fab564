/**
 * Decides: which doubt belongs to a score, and how much doubt a wished share of errors allows.
 * Never: sees a score of a pair that its forest was grown from.
 */

export type Scored = { readonly score: number; readonly same: boolean };
type Line = { readonly slope: number; readonly offset: number };

const ERRORS = [0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3] as const;
const STEPS = 50;

const short = (value: number): number => Number(value.toPrecision(5));

/** Logistic regression of "the same" on the score, by Newton's method: doubt = 1 / (1 + e^(slope·score + offset)). */
export const doubtLine = (scored: readonly Scored[]): Line => {
  let [slope, offset] = [1, 0];
  for (let step = 0; step < STEPS; step++) {
    let [gs, go, ss, so, oo] = [0, 0, 0, 0, 0];
    for (const { score, same } of scored) {
      const chance = 1 / (1 + Math.exp(-(slope * score + offset)));
      const [miss, curve] = [chance - (same ? 1 : 0), chance * (1 - chance)];
      gs += miss * score;
      go += miss;
      ss += curve * score * score;
      so += curve * score;
      oo += curve;
    }
    const whole = ss * oo - so * so;
    slope -= (oo * gs - so * go) / whole;
    offset -= (ss * go - so * gs) / whole;
  }
  return { slope: short(slope), offset: short(offset) };
};

/**
 * The lowest score at which so few of all hits are wrong, one more reckoned wrong than was seen: few
 * hits without an error prove little. `rounds`: how often each pair was scored.
 */
const cutFor = (ranked: readonly Scored[], error: number, rounds: number): number | undefined => {
  let wrong = 0;
  let cut: number | undefined;
  ranked.forEach(({ score, same }, at) => {
    if (!same) wrong++;
    if ((wrong + rounds) / (at + 1 + rounds) <= error) cut = score;
  });
  return cut;
};

export const barsOf = (
  scored: readonly Scored[],
  { slope, offset }: Line,
  rounds: number,
): { readonly error: number; readonly doubt: number }[] => {
  const ranked = scored.toSorted((a, b) => b.score - a.score);
  return ERRORS.flatMap((error) => {
    const cut = cutFor(ranked, error, rounds);
    if (cut === undefined) return [];
    return [{ error, doubt: short(1 / (1 + Math.exp(slope * cut + offset))) }];
  });
};
