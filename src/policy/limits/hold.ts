/**
 * Decides: what is held for a request at a target until its end is known (machines.md section 2).
 * Never: holds less than a strict limit could be charged; where no bound is known it says so.
 */
import { err, ok, type Result } from "../../base/result.ts";
import { type Cost, ONE_REQUEST } from "../../domain/limit.ts";
import type { Target } from "../../domain/target.ts";
import { costOf } from "../usage/cost.ts";
import { type Charge, NO_CHARGE } from "./book.ts";
import { mostCost } from "./dearest.ts";
import type { Expectation } from "./learned-sizes.ts";
import { outputCapFor } from "./output-cap.ts";
import type { Reserve } from "./reserve.ts";
import type { InputBound, Sizes } from "./sizes.ts";
import { costsMore, doesMore, drawsByItself } from "./surcharges.ts";

export type Held = {
  readonly cost: Cost;
  /** The input's part, as estimated: what is charged when nobody tells of the end. */
  readonly floor: Charge;
  /**
   * Whole tokens of input, of a balanced hold: what the true input is compared with (learned-sizes.ts). The
   * floor of a strict one is a part of its bound, and teaches nothing.
   */
  readonly estimate?: number;
  /**
   * Tokens of one answer: what has to stand in the request to this target, in the place of every other
   * cap; undefined where it goes as it is.
   */
  readonly outputCap: number | undefined;
};

/** The price is unknown; or a part of the request, or its answer, has no known bound. */
export type Unheld = "unpriced" | "unbounded";

/** Until a model's own ratio is known: the estimate is rather low than high for one request in two. */
const BALANCED_MARGIN = 1.1;

/** Tokens, until a model's own answers are known: most answers of chat models are shorter. */
const USUAL_OUTPUT = 1_024;
/** Thoughts are output, too. */
const USUAL_REASONED_OUTPUT = 4_096;

/**
 * Of a limit: the most that an answer is expected to take before anything is learnt. A small limit would
 * refuse every request for the answer of a large model, and never learn that its answers are short.
 */
const UNLEARNT_SHARE = 0.1;

/**
 * Tokens of one answer that nobody has bounded, neither the caller nor what is known of the model. It goes along as
 * the request's cap, and is what chat models of every age take.
 */
const UNKNOWN_CAP = 4_096;

/** Of text: English has about four of ASCII, Chinese about one character of three. */
const BYTES_A_TOKEN = 4;

/** Tokens. A cap below this helps nobody: then the request is refused as one that exceeds the limit. */
const LEAST_CAP = 16;

/** Tokens of one answer, and how many answers. */
type Ordered = { readonly cap: number; readonly answers: number };

/** Beyond the safe integers a figure would be no count any more, and cost nothing. */
const safe = (tokens: number): number => Math.min(tokens, Number.MAX_SAFE_INTEGER);

const strictCost = (target: Target, input: InputBound, { cap, answers }: Ordered): Cost => {
  const output = safe(cap * answers);
  const bounds = { input: input.tokens, output, images: input.images, plain: input.plain };
  const nanoUsd = target.price === undefined ? 0 : mostCost(target.price, bounds);
  return { ...ONE_REQUEST, tokens: safe(input.tokens + output), nanoUsd };
};

const exceeds = ({ tokens, nanoUsd }: Cost, { mostTokens, mostNanoUsd }: Reserve): boolean =>
  tokens > mostTokens || nanoUsd > mostNanoUsd;

/**
 * A cap that nobody stated may be lower, so that the request fits into limits that it could otherwise
 * never pass: a model's longest answer is often more than a minute's tokens.
 */
const fitted = (target: Target, input: InputBound, ordered: Ordered, reserve: Reserve): Ordered => {
  const full = strictCost(target, input, ordered);
  if (!exceeds(full, reserve)) return ordered;
  const { mostTokens, mostNanoUsd } = reserve;
  const fixed = strictCost(target, input, { ...ordered, cap: 0 });
  const byTokens = Math.floor((mostTokens - fixed.tokens) / ordered.answers);
  const share = (mostNanoUsd - fixed.nanoUsd) / (full.nanoUsd - fixed.nanoUsd);
  // One token off for each rounding.
  const byMoney =
    full.nanoUsd === fixed.nanoUsd ? ordered.cap : Math.floor(ordered.cap * share) - 1;
  const lower = { ...ordered, cap: Math.min(ordered.cap, byTokens, byMoney) };
  const fits = lower.cap >= LEAST_CAP && !exceeds(strictCost(target, input, lower), reserve);
  return fits ? lower : ordered;
};

const floorOf = (target: Target, tokens: number): Charge => ({
  tokens,
  nanoUsd: costOf(target.price, { input_tokens: tokens }) ?? 0,
});

const isSurcharged = (target: Target, { dialect, body }: Sizes): boolean =>
  drawsByItself(target.upstream) ||
  (target.dialect === dialect && costsMore(dialect, target.kind, body));

const holdStrictly = (
  target: Target,
  sizes: Sizes,
  reserve: Reserve,
  exactly: boolean,
): Result<Held, Unheld> => {
  if (reserve.strictUsd && target.price === undefined) return err("unpriced");
  if (reserve.strictUsd && isSurcharged(target, sizes)) return err("unbounded");
  const embeds = sizes.endpoint === "embeddings";
  const cap = embeds ? 0 : (outputCapFor(target, sizes) ?? UNKNOWN_CAP);
  const loose = exactly ? undefined : sizes.looseBound(target);
  const input = loose ?? sizes.tightBound(target);
  if (input === undefined || doesMore(sizes.body)) return err("unbounded");
  const asked = sizes.output();
  const ordered = { cap, answers: asked.answers };
  if (loose !== undefined && exceeds(strictCost(target, loose, ordered), reserve)) {
    return holdStrictly(target, sizes, reserve, true);
  }
  const given = asked.cap === undefined ? fitted(target, input, ordered, reserve) : ordered;
  const estimate =
    loose === undefined
      ? Math.min(sizes.estimate(), input.tokens)
      : Math.ceil(input.tokens / BYTES_A_TOKEN);
  return ok({
    cost: strictCost(target, input, given),
    floor: floorOf(target, estimate),
    outputCap: embeds ? undefined : given.cap,
  });
};

/** A guess alone makes no request one that could never pass: what is only expected fits into the limit. */
const expected = (input: number, whole: number, most: number, share: number): number =>
  Math.max(input, Math.min(whole, most, input + Math.ceil(most * share)));

const holdBalanced = (
  target: Target,
  sizes: Sizes,
  reserve: Reserve,
  learned: Expectation,
): Held => {
  const estimate = sizes.estimate();
  const input = Math.ceil(estimate * (learned.inputRatio ?? BALANCED_MARGIN));
  const embeds = sizes.endpoint === "embeddings";
  const cap = embeds ? 0 : outputCapFor(target, sizes);
  const reasons = target.capabilities.has("reasoning");
  const usual = learned.output ?? (reasons ? USUAL_REASONED_OUTPUT : USUAL_OUTPUT);
  const output = Math.min(usual, cap ?? usual) * sizes.output().answers;
  const whole = costOf(target.price, { input_tokens: input, output_tokens: output }) ?? 0;
  const alone = floorOf(target, input);
  const share = learned.output === undefined ? UNLEARNT_SHARE : 1;
  return {
    cost: {
      ...ONE_REQUEST,
      tokens: expected(alone.tokens, input + output, reserve.mostTokens, share),
      nanoUsd: expected(alone.nanoUsd, whole, reserve.mostNanoUsd, share),
    },
    floor: floorOf(target, estimate),
    estimate,
    outputCap: embeds || !reserve.binding ? undefined : cap,
  };
};

/**
 * `reserve`: what `needsSizes` says of the rules that hold for this target; undefined: they count
 * requests and slots alone. `exactly`: the input is looked at part by part at once, for a request that a
 * limit has refused with the looser bound; without it that is done where the looser one could never pass.
 */
export const holdFor = (
  target: Target,
  sizes: Sizes,
  reserve: Reserve | undefined,
  learned: Expectation,
  exactly = false,
): Result<Held, Unheld> => {
  if (reserve === undefined || sizes.endpoint === "count_tokens") {
    return ok({ cost: ONE_REQUEST, floor: NO_CHARGE, outputCap: undefined });
  }
  return reserve.strict
    ? holdStrictly(target, sizes, reserve, exactly)
    : ok(holdBalanced(target, sizes, reserve, learned));
};
