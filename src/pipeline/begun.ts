/**
 * Decides: what is held for a target that is to go on with an answer: to read it from its beginning on is
 * input like any other.
 * Never: holds it for other targets, or for a later try that does not bring that beginning along.
 */
import { lazily } from "../base/lazily.ts";
import type { Target } from "../domain/target.ts";
import { begunSizes } from "../policy/limits/begun-sizes.ts";
import { rulesAt } from "../policy/limits/evaluate.ts";
import { holdFor } from "../policy/limits/hold.ts";
import { needsSizes } from "../policy/limits/reserve.ts";
import type { Deps } from "../ports.ts";
import type { Run } from "./run.ts";

/**
 * The request is as large as it is with `beginning` until what is given back is called; undefined where nobody
 * can say how large that is.
 */
export const weigh = (
  deps: Deps,
  run: Run,
  target: Target,
  beginning: string,
): (() => void) | undefined => {
  const { sizes, permit } = run;
  const { model } = target;
  const begun = lazily(() => begunSizes(sizes(), beginning));
  const before = permit?.holds.get(model);
  if (permit !== undefined && before !== undefined) {
    const { rules } = permit;
    const reserve = needsSizes(rulesAt(rules, model));
    const held = holdFor(target, begun(), reserve, deps.learned.sizes(model));
    if (!held.ok) return undefined;
    permit.holds.set(model, held.value);
  }
  run.sizes = begun;
  return () => {
    run.sizes = sizes;
    if (before !== undefined) permit?.holds.set(model, before);
  };
};
