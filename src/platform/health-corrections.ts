/**
 * Decides: how many calls' corrections of a quota become few: one for each organisation and second.
 * Never: gives anything back twice; what cannot be told in time is only forfeited.
 */
import type { Correction } from "./objects/target-calls.ts";

export type Corrections = {
  add(correction: Correction): void;
  /** All of them, which are then no longer here. */
  take(): readonly Correction[];
  /** Puts back those that nobody may have heard, as far as hearing them twice does no harm: debts. */
  restore(corrections: readonly Correction[]): void;
};

const SECOND_MS = 1_000;

export const createCorrections = (): Corrections => {
  let gathered = new Map<string, Correction>();
  const add = ({ org, when, by }: Correction): void => {
    const second = Math.floor(when / SECOND_MS) * SECOND_MS;
    const key = `${second} ${org}`;
    const before = gathered.get(key)?.by ?? { requests: 0, tokens: 0 };
    gathered.set(key, {
      ...{ org, when: second },
      by: { requests: before.requests + by.requests, tokens: before.tokens + by.tokens },
    });
  };
  return {
    add,
    take: () => {
      const all = [...gathered.values()];
      gathered = new Map();
      return all;
    },
    restore: (corrections) => {
      for (const { org, when, by } of corrections) {
        const debt = { requests: Math.max(0, by.requests), tokens: Math.max(0, by.tokens) };
        if (debt.requests > 0 || debt.tokens > 0) add({ org, when, by: debt });
      }
    },
  };
};
