/**
 * Decides: which indexes of turns this deployment has: an object a scope always, Vectorize where it is bound.
 * Never: takes one for the other: what was written to one is not found in the other.
 */
import type { Clock } from "../base/clock.ts";
import type { Secret } from "../base/secret.ts";
import type { IndexPlace, Semantic } from "../ports-semantic.ts";
import type { SemanticCalls } from "./objects/semantic-calls.ts";
import type { SemanticIndexObject } from "./objects/semantic-index.ts";
import { createObjectIndex } from "./semantic-object.ts";
import { createTurnSeal } from "./semantic-turns.ts";
import { createVectorizeIndex, type Vectors } from "./semantic-vectorize.ts";
import { createRecentVectors } from "./semantic-vectors.ts";

export type SemanticParts = {
  readonly namespace: DurableObjectNamespace<SemanticIndexObject>;
  /** Undefined: no Vectorize. */
  readonly vectors: Vectors | undefined;
  readonly masterKey: Secret;
  readonly clock: Clock;
  readonly background: (work: Promise<unknown>) => void;
};

/** Tenants have no slash in them, scopes are digests. */
const objectIn =
  (namespace: SemanticParts["namespace"], kind: string) =>
  ({ tenant, scope, locationHint }: IndexPlace): SemanticCalls => {
    const id = namespace.idFromName(`${tenant}/${kind}/${scope}`);
    const hint = locationHint as DurableObjectLocationHint | undefined;
    const stub = namespace.get(id, hint === undefined ? {} : { locationHint: hint });
    // The stub's types are promises of clones; what is said is plain data either way.
    return stub as unknown as SemanticCalls;
  };

export const createSemantic = (parts: SemanticParts): Semantic => {
  const { namespace, vectors, masterKey, clock, background } = parts;
  const turns = createTurnSeal(masterKey);
  const more = { turns, clock, background };
  const object = createObjectIndex({ ...more, objectOf: objectIn(namespace, "object") });
  const vectorize =
    vectors &&
    createVectorizeIndex(vectors, { ...more, objectOf: objectIn(namespace, "vectorize") });
  return {
    index: (kind) => (kind === "object" ? object : vectorize),
    vectors: createRecentVectors(),
  };
};
