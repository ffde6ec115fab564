/**
 * Decides: how likely it is that two turns which nothing keeps apart want different answers.
 * Never: is changed by hand: `node eval/fit-semantic.ts` writes weights.json.
 */
import { type Evidence, FIGURES } from "./evidence.ts";
import { type Forest, scoreBy, unpack } from "./trees.ts";
import weights from "./weights.json" with { type: "json" };

/** Read when somebody first asks: a gateway without a semantic cache never decodes it. */
let forest: Forest | undefined;

const NAMES = Object.keys(FIGURES) as (keyof Evidence)[];

export const rowOf = (evidence: Evidence): readonly number[] => NAMES.map((name) => evidence[name]);

/** The higher, the likelier it is that one answer does for both. */
export const scoreOf = (evidence: Evidence): number => {
  forest ??= unpack(weights.forest);
  return scoreBy(forest, rowOf(evidence));
};

/** The chance that the answer would be wrong, 0..1; falls as the score rises. */
export const doubtOf = (score: number): number =>
  1 / (1 + Math.exp(weights.doubt.slope * score + weights.doubt.offset));

/**
 * The most doubt that a hit may carry so that no more than the share `maxError` of all hits is wrong, as
 * measured on questions that the weights had not seen. 0 where no doubt is small enough.
 */
export const doubtAllowed = (maxError: number): number => {
  const bars = [{ error: 0, doubt: 0 }, ...weights.bars];
  const above = bars.findIndex(({ error }) => error > maxError);
  const high = bars[above];
  if (high === undefined) return bars.at(-1)?.doubt ?? 0;
  const low = bars[above - 1];
  if (low === undefined) return 0;
  // Between two measured bars the doubt is as much between theirs as the error is.
  const share = (maxError - low.error) / (high.error - low.error);
  return low.doubt + share * (high.doubt - low.doubt);
};
