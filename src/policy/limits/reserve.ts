/**
 * Decides: what has to be known of a request's size before its limits can be asked.
 * Never: lets a rule that is only tried out (shadow) refuse a request or change what goes upstream.
 */
import type { LimitRule } from "../../domain/limit.ts";

export type Reserve = {
  /** Tokens have to be a true upper bound. */
  readonly strict: boolean;
  /** Money has to be one too: the price is needed, and that nothing raises it. */
  readonly strictUsd: boolean;
  /** Limits are in force, so that answers get a cap. */
  readonly binding: boolean;
  /** What no rule in force could ever hold more of; infinite where none counts it. Tokens, nano-USD. */
  readonly mostTokens: number;
  readonly mostNanoUsd: number;
};

/** A key's rules stay the same list from one request to the next. */
const known = new WeakMap<readonly LimitRule[], { readonly needed: Reserve | undefined }>();

/**
 * Of the rules that hold for one target: those of the whole request and its own. Undefined where nothing
 * counts tokens or money: then nothing has to be estimated.
 */
export const needsSizes = (rules: readonly LimitRule[]): Reserve | undefined => {
  const found = known.get(rules) ?? { needed: neededFor(rules) };
  known.set(rules, found);
  return found.needed;
};

const neededFor = (rules: readonly LimitRule[]): Reserve | undefined => {
  const sized = rules.filter(({ unit }) => unit === "tokens" || unit === "usd");
  if (sized.length === 0) return undefined;
  const inForce = sized.filter(({ mode }) => mode === "on");
  const strict = inForce.filter((rule) => rule.strict);
  const most = (counted: LimitRule["unit"]): number =>
    inForce.reduce(
      (least, { unit, kind, max, burst }) =>
        unit === counted ? Math.min(least, kind === "bucket" ? burst : max) : least,
      Number.POSITIVE_INFINITY,
    );
  return {
    strict: strict.length > 0,
    strictUsd: strict.some(({ unit }) => unit === "usd"),
    binding: inForce.length > 0,
    mostTokens: most("tokens"),
    mostNanoUsd: most("usd"),
  };
};
