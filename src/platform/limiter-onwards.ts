/**
 * Decides: how a request that the organisation's object has admitted goes on to the next of its open targets,
 * where limits that are counted elsewhere are full for the one that the object has chosen.
 * Never: gives back what is held for that one before the request ends: until then it can only refuse too much.
 */
import type { Caller } from "../domain/tenant.ts";
import type { Admission, Admitted } from "../policy/limits/admission.ts";
import type { OrganisationCalls } from "./objects/organisation-calls.ts";
import type { Reach } from "./organisation-reach.ts";

/** `admission`: as the object was asked. Undefined: there is no next one, or no room for it. */
export const onwards = async (
  reach: Reach<OrganisationCalls>,
  caller: Caller,
  { id, rules, ways }: Admission,
  granted: Admitted,
): Promise<Admitted | undefined> => {
  const [, model, ...others] = granted.models;
  const option = ways[granted.way]?.options.find((each) => each.model === model);
  if (model === undefined || option === undefined) return undefined;
  // Who follows one elsewhere is held for itself alone.
  const follows = (granted.ahead ?? id) !== id;
  const { held } = granted;
  const own = follows ? held : option.cost;
  const more = {
    tokens: Math.max(0, own.tokens - held.tokens),
    nanoUsd: Math.max(0, own.nanoUsd - held.nanoUsd),
  };
  const { floor } = option;
  const extension = {
    ...{ name: crypto.randomUUID(), model, rules, more, own },
    floor: { total: floor, byModel: { [model]: floor } },
  };
  const answer = await reach(caller, (object) => object.extend(id, extension, undefined));
  if (!answer.ok || !answer.value) return undefined;
  return {
    ...granted,
    models: [model, ...others],
    held: {
      ...held,
      tokens: held.tokens + more.tokens,
      nanoUsd: held.nanoUsd + more.nanoUsd,
    },
  };
};
