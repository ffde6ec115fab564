/**
 * Decides: which text stands for a request in the cache, and which purges an answer has to have survived.
 * Never: is asked where nothing may be cached.
 */
import { hasLongNumber, parseExactJson } from "../base/exact-json.ts";
import { isRecord } from "../base/record.ts";
import type { Snapshot } from "../domain/config/snapshot.ts";
import type { Purges } from "../domain/tenant.ts";
import { type Generation, generationOf } from "../policy/cache/freshness.ts";
import { exactKeyText, type KeyOf, meaningOf } from "../policy/cache/key.ts";
import type { CacheRules } from "../policy/cache/rules.ts";
import { scopeText } from "../policy/cache/scope.ts";
import type { Ask } from "./ask.ts";

const NO_PURGES: Purges = { org: 0, models: {} };

/** Long numbers keep their digits: two that differ in the last one are two requests. */
const bodyOf = ({ body: { text, value } }: Ask): Readonly<Record<string, unknown>> => {
  const exact = hasLongNumber(text) ? parseExactJson(text) : value;
  return isRecord(exact) ? exact : value;
};

/** `model`: the model or route under whose name the answer lies. */
export const keyFor = (
  snapshot: Snapshot,
  ask: Ask,
  { scope }: CacheRules,
  model: string,
): KeyOf => {
  const { endpoint, dialect, caller, controls, forward: headers } = ask;
  if (endpoint === "count_tokens") throw new Error("counts are not kept");
  const target = snapshot.targets.get(model);
  return {
    ...{ endpoint, dialect, model, headers },
    scope: scopeText(scope, caller, controls.user),
    meaning: target === undefined ? "" : meaningOf(target),
    body: bodyOf(ask),
  };
};

export const keyTextFor = (
  snapshot: Snapshot,
  ask: Ask,
  rules: CacheRules,
  model: string,
): string => exactKeyText(keyFor(snapshot, ask, rules, model));

/** Of an answer under the name `model` that `gave` has given: a purge of either is its end. */
export const generationFor = (
  { caller: { purges = NO_PURGES } }: Ask,
  model: string,
  gave: string,
): Generation => {
  const own = generationOf(purges, model);
  if (gave === model) return own;
  return { org: own.org, model: own.model + generationOf(purges, gave).model };
};

/** Whether single models were purged; if not, who gave an answer is no matter. */
export const hasPurgedModels = ({ caller: { purges = NO_PURGES } }: Ask): boolean =>
  Object.keys(purges.models).length > 0;
