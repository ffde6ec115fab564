/**
 * Decides: the most that a call within given bounds can cost, whatever the provider bills its tokens as.
 * Never: reckons a price itself; that is usage/cost.ts.
 */
import type { Price } from "../../domain/target.ts";
import type { Usage } from "../../domain/usage.ts";
import { costOf } from "../usage/cost.ts";

/** Whole tokens of all answers together; `images`: what a provider may bill one by one. */
export type Bounds = {
  readonly input: number;
  readonly output: number;
  readonly images: number;
  /** Text without cache marks: nothing of it is billed as sound, or as written to a cache for an hour. */
  readonly plain: boolean;
};

type Billed = (tokens: number) => Usage;
type Way = { readonly price: keyof Price; readonly rich: boolean; readonly billed: Billed };

/** As what input, and output, may be billed, by the price that is charged then. `rich`: not where all is plain. */
const INPUT: readonly Way[] = [
  { price: "input", rich: false, billed: (tokens) => ({ input_tokens: tokens }) },
  { price: "cache_read", rich: false, billed: (tokens) => ({ cache_read_tokens: tokens }) },
  { price: "cache_write", rich: false, billed: (tokens) => ({ cache_write_5m_tokens: tokens }) },
  { price: "cache_write_1h", rich: true, billed: (tokens) => ({ cache_write_1h_tokens: tokens }) },
  {
    price: "audio_input",
    rich: true,
    billed: (tokens) => ({ input_tokens: tokens, audio_input_tokens: tokens }),
  },
];
const OUTPUT: readonly Way[] = [
  { price: "output", rich: false, billed: (tokens) => ({ output_tokens: tokens }) },
  {
    price: "reasoning",
    rich: false,
    billed: (tokens) => ({ output_tokens: tokens, reasoning_tokens: tokens }),
  },
  {
    price: "audio_output",
    rich: true,
    billed: (tokens) => ({ output_tokens: tokens, audio_output_tokens: tokens }),
  },
];

/** The ways that have a price of their own; all others are charged as one of them. */
const open = (ways: readonly Way[], price: Price, plain: boolean): readonly Way[] =>
  ways.filter((way) => price[way.price] !== undefined && !(way.rich && plain));

/**
 * Nano-USD: at least `costOf` of every usage within the bounds. A cost is linear in each kind of token,
 * so the dearest is found where all input, and all output, is of one kind. Long input may be charged by
 * another tier, which need not be the dearer one: what just stays below it is looked at, too.
 */
export const mostCost = (price: Price, { input, output, images, plain }: Bounds): number => {
  const { above } = price;
  const inputs = above !== undefined && input > above.tokens ? [input, above.tokens] : [input];
  const outputs = open(OUTPUT, price, plain);
  let most = 0;
  for (const { billed: read } of open(INPUT, price, plain)) {
    for (const tokens of inputs) {
      for (const { billed: written } of outputs) {
        const cost = costOf(price, { ...read(tokens), ...written(output), images });
        most = Math.max(most, cost ?? 0);
      }
    }
  }
  return most;
};
