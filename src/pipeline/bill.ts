/**
 * Decides: what the attempts of one request came to, each for itself and all together: every one that a
 * provider has worked for is paid, whether or not it served (config.md, "Counting").
 * Never: leaves an attempt out because nobody heard of its end: its input is charged then.
 */
import type { Target } from "../domain/target.ts";
import { totalInput, type Usage } from "../domain/usage.ts";
import type { Charge } from "../policy/limits/book.ts";
import type { Actual } from "../policy/limits/came-to.ts";
import { costOf } from "../policy/usage/cost.ts";

/** One dispatch to a provider. */
export type Entry = {
  readonly target: Target;
  /** What is held for it until its end is known. */
  readonly hold: Charge;
  /** What it is charged if its end stays unknown. */
  readonly floor: () => Usage;
  usage: Usage | undefined;
  estimated: boolean;
  /** Nothing was billed: it was refused, or never arrived. */
  isFree: boolean;
  /** The caller was given (a part of) this answer. */
  served: boolean;
};

export type Bill = {
  readonly entries: Entry[];
};

export const NOTHING: Charge = { tokens: 0, nanoUsd: 0 };

const FREE: Usage = {};

/** Of an answer that was given without asking anybody: it has figures, and they are 0. */
export const ZERO_USAGE: Usage = { input_tokens: 0, output_tokens: 0 };

/** What the gateway did by itself, in the target's place. */
export const freeEntry = (target: Target, usage: Usage = FREE): Entry => ({
  target,
  hold: NOTHING,
  floor: () => FREE,
  usage,
  estimated: false,
  isFree: true,
  served: true,
});

export const emptyBill = (): Bill => ({ entries: [] });

/** What is charged for an entry, as things stand. */
const chargedUsage = ({ isFree, usage, floor }: Entry): Usage =>
  isFree ? FREE : (usage ?? floor());

const isOpen = ({ usage, isFree }: Entry): boolean => usage === undefined && !isFree;

export const tokensOf = (usage: Usage): number => totalInput(usage) + (usage.output_tokens ?? 0);

const chargeOf = (entry: Entry): Charge => {
  if (entry.isFree) return NOTHING;
  const usage = chargedUsage(entry);
  return { tokens: tokensOf(usage), nanoUsd: costOf(entry.target.price, usage) ?? 0 };
};

export const sum = (a: Charge, b: Charge): Charge => ({
  tokens: a.tokens + b.tokens,
  nanoUsd: a.nanoUsd + b.nanoUsd,
});

/**
 * What has to be held for the attempts so far, or for those at one model: their charge, or their hold while
 * they run.
 */
export const committed = ({ entries }: Bill, model?: string): Charge =>
  entries
    .filter(({ target }) => model === undefined || target.model === model)
    .reduce((all, entry) => sum(all, isOpen(entry) ? entry.hold : chargeOf(entry)), NOTHING);

/** What the request came to; targets that were asked stand in it also where they cost nothing. */
export const actualOf = ({ entries }: Bill): Actual => {
  const byModel: Record<string, Charge> = {};
  for (const entry of entries) {
    const { model } = entry.target;
    byModel[model] = sum(byModel[model] ?? NOTHING, chargeOf(entry));
  }
  return { total: entries.reduce((all, entry) => sum(all, chargeOf(entry)), NOTHING), byModel };
};

/** Nano-USD of all attempts; undefined where one of them has no known price. */
export const costOfAll = ({ entries }: Bill): number | undefined => {
  let all = 0;
  for (const entry of entries) {
    if (entry.isFree) continue;
    const cost = costOf(entry.target.price, chargedUsage(entry));
    if (cost === undefined) return undefined;
    all += cost;
  }
  return all;
};

/** The sums of all attempts; a figure that no attempt has reported is absent. */
export const usageOfAll = ({ entries }: Bill): Usage | undefined => {
  const paid = entries.filter(({ isFree }) => !isFree).map(chargedUsage);
  if (paid.length < 2) return paid[0];
  const all: { -readonly [Field in keyof Usage]: number } = {};
  for (const usage of paid) {
    for (const field of Object.keys(usage) as (keyof Usage)[]) {
      all[field] = (all[field] ?? 0) + (usage[field] ?? 0);
    }
  }
  return all;
};

/** Tokens of attempts that did not serve. */
export const lostTokens = ({ entries }: Bill): number =>
  entries
    .filter(({ served }) => !served)
    .reduce((all, entry) => all + tokensOf(chargedUsage(entry)), 0);

/** Whether a figure is ours: an end that nobody told, or a count that a provider did not give. */
export const isEstimated = ({ entries }: Bill): boolean =>
  entries.some(
    (entry) =>
      !entry.isFree && (entry.estimated || isOpen(entry) || entry.target.price === undefined),
  );
