/**
 * Decides: nothing: a limiter whose account is the real one, in memory, for tests of the pipeline in plain Node.
 */
import { expire, extend, progress, settle } from "../../src/policy/limits/account.ts";
import type { Admitted } from "../../src/policy/limits/admission.ts";
import { admit } from "../../src/policy/limits/admit.ts";
import { type Draft, draftOf } from "../../src/policy/limits/book.ts";
import { COUNTERS } from "../../src/policy/limits/counters.ts";
import { type Limiter, noLimiter } from "../../src/ports-account.ts";

export type Accounted = {
  readonly limiter: Limiter;
  /** What all rules of that unit have spent and hold, in the order in which they were first asked. */
  standing(unit: string): readonly { readonly used: number; readonly held: number }[];
  /** As if nobody had told of the request's end. */
  expire(id: string, at: number): void;
};

export const accounted = (now: () => number): Accounted => {
  const draft: Draft = draftOf({ rule: () => undefined, reservation: () => undefined });
  return {
    limiter: {
      ...noLimiter,
      admit: (_, admission) => admit(draft, admission, now()),
      extend: async (_, id, extension) => extend(draft, id, extension, now()),
      progress: (_, id, seen) => void progress(draft, id, seen, now()),
      end: (_, { request_id: id }, actual) => void settle(draft, id, actual, now()),
    },
    standing: (unit) =>
      [...draft.rules.values()]
        .filter(({ rule }) => rule.unit === unit)
        .map(({ rule, state }) => {
          const { used, held } = COUNTERS[rule.kind].standing(state, rule, now());
          return { used, held };
        }),
    expire: (id, at) => {
      const answer = draft.reservation(id)?.answer as Admitted | undefined;
      if (answer === undefined) throw new Error(`nothing is held for ${id}`);
      expire(draft, id, answer.models[0], at);
    },
  };
};
