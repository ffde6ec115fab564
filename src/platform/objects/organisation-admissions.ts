/**
 * Decides: what isolates that ask together are answered: ends count first, then who may at all, then what the
 * limits leave; and which refusals are counted.
 * Never: admits by what was true before the turn in which it decides.
 */
import type { Denied } from "../../policy/limits/admission.ts";
import { isCounted } from "../../policy/limits/forgiven.ts";
import { isFreedByEnds } from "../../policy/limits/freed.ts";
import type { AdmitAnswer, AdmitCall, EndCall } from "./organisation-calls.ts";
import type { createCore } from "./organisation-core.ts";
import { type Denials, tallyOf } from "./organisation-denials.ts";
import type { KnownKeys } from "./organisation-keys.ts";

/** `call`: undefined where there is nothing but ends to tell. `ends`: what the object may not know yet. */
export type Asked = { readonly call: AdmitCall | undefined; readonly ends: readonly EndCall[] };

export type AdmissionParts = {
  readonly core: Pick<ReturnType<typeof createCore>, "admit" | "end">;
  readonly keys: Pick<KnownKeys, "judge" | "edition">;
  readonly denials: Pick<Denials, "add">;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** There is something to tell. */
  readonly shipSoon: () => void;
};

/** What is asked again is not refused yet. */
const isFinal = ({ mayAskAgain }: AdmitCall, denied: Denied): boolean =>
  !(mayAskAgain === true && isFreedByEnds(denied));

/** An answer each, in their order. All of it in one turn. */
export const createAdmissions = (parts: AdmissionParts) => {
  const { core, keys, denials, now, shipSoon } = parts;
  return (asks: readonly Asked[]): readonly (AdmitAnswer | undefined)[] => {
    const ends = asks.flatMap((asked) => asked.ends);
    if (ends.length > 0) {
      core.end(ends);
      shipSoon();
    }
    const calls = asks.flatMap(({ call }) => call ?? []);
    const judgements = calls.map(({ principal }) => keys.judge(principal, now()));
    const admitted = core.admit(calls.filter((_, at) => judgements[at] === "live")).values();
    const answers = calls.map((call, at) => {
      const judgement = judgements[at];
      if (judgement === "revoked" || judgement === "stale") {
        return { ok: false, code: judgement } as const;
      }
      const { value: answer } = admitted.next();
      // Nothing at all where its end came before it: then nobody waits for an answer.
      if (answer?.ok === false && isFinal(call, answer) && isCounted(call.admission, answer)) {
        denials.add([tallyOf(call.principal.org, answer, now())]);
        shipSoon();
      }
      return answer?.ok === true ? { ...answer, edition: keys.edition() } : answer;
    });
    const given = answers.values();
    return asks.map(({ call }) => (call === undefined ? undefined : given.next().value));
  };
};
