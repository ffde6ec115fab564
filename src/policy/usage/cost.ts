/**
 * Decides: what a call cost, from its target's price and the usage in normal form.
 * Never: guesses a price. An unknown price gives an unknown cost; a price of 0 costs 0.
 */
import { nanoFromPico } from "../../base/money.ts";
import type { Price } from "../../domain/target.ts";
import { totalInput, type Usage } from "../../domain/usage.ts";

/** Nano-USD per image or request, in pico-USD. */
const PICO_PER_NANO = 1_000;

/** Settling must not throw: what is no count of tokens counts as none (sanity.ts has refused it before). */
const count = (value: number | undefined): number =>
  value !== undefined && Number.isSafeInteger(value) && value > 0 ? value : 0;

/** BigInt, because 10⁹ micro-USD per million × 10⁸ tokens is beyond 2⁵³. */
const times = (rate: number, quantity: number): bigint => BigInt(rate) * BigInt(quantity);

/**
 * A rate in the long-context tier keeps its proportion to the base rate: the providers that have
 * such a tier raise cached input by the same factor as input (the price sources agree on that for
 * every model in the table).
 */
const raised = (rate: number, base: number, above: number): number =>
  base === 0 ? rate : Math.round((rate * above) / base);

/** The rates that hold for one call, with every absent one filled in. */
type Rates = {
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly cacheWrite1h: number;
  readonly audioInput: number;
  readonly output: number;
  readonly reasoning: number;
  readonly audioOutput: number;
};

/**
 * Absent: cached input costs what input costs – a provider without a cache price gives no discount
 * (docs/PRICES.md, "Defaults"). An hour's cache write costs what the short one does, reasoning and
 * audio what text does.
 */
const ratesOf = (price: Price, inputTokens: number): Rates => {
  const tier = price.above !== undefined && inputTokens > price.above.tokens ? price.above : price;
  const atInput = (rate: number | undefined): number =>
    rate === undefined ? tier.input : raised(rate, price.input, tier.input);
  const atOutput = (rate: number | undefined): number =>
    rate === undefined ? tier.output : raised(rate, price.output, tier.output);
  return {
    input: tier.input,
    cacheRead: atInput(price.cache_read),
    cacheWrite: atInput(price.cache_write),
    cacheWrite1h: atInput(price.cache_write_1h ?? price.cache_write),
    audioInput: atInput(price.audio_input),
    output: tier.output,
    reasoning: atOutput(price.reasoning),
    audioOutput: atOutput(price.audio_output),
  };
};

/**
 * Nano-USD, a safe integer, rounded once; undefined where the price is unknown.
 *
 * The long-context tier is chosen by the whole input, cached input included, and then holds for
 * every token of the call, output too (Anthropic, Gemini and OpenAI all bill so).
 * Audio is a part of the fresh input, reasoning and audio are parts of the output.
 */
export const costOf = (price: Price | undefined, usage: Usage): number | undefined => {
  if (price === undefined) return undefined;
  const rates = ratesOf(price, totalInput(usage));
  const input = count(usage.input_tokens);
  const audioInput = Math.min(count(usage.audio_input_tokens), input);
  const output = count(usage.output_tokens);
  const audioOutput = Math.min(count(usage.audio_output_tokens), output);
  const reasoning = Math.min(count(usage.reasoning_tokens), output - audioOutput);
  return nanoFromPico(
    times(rates.input, input - audioInput) +
      times(rates.audioInput, audioInput) +
      times(rates.cacheRead, count(usage.cache_read_tokens)) +
      times(rates.cacheWrite, count(usage.cache_write_5m_tokens)) +
      times(rates.cacheWrite1h, count(usage.cache_write_1h_tokens)) +
      times(rates.output, output - audioOutput - reasoning) +
      times(rates.audioOutput, audioOutput) +
      times(rates.reasoning, reasoning) +
      times(price.image ?? 0, PICO_PER_NANO * count(usage.images)) +
      times(price.request ?? 0, PICO_PER_NANO),
  );
};
