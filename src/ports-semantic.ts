/**
 * Decides: what the pipeline may ask of turns that were asked before, and of vectors that were made before.
 * Never: says where they are kept, or which of them is served. A part of ports.ts, which joins it to the others.
 */
import type { Caller } from "./domain/tenant.ts";
import type { Tally } from "./policy/cache/semantic/tally.ts";
import type { Trust, Verdict } from "./policy/cache/semantic/trust.ts";

/** Whose index: everybody in it may share answers with everybody else in it. */
export type IndexPlace = Pick<Caller, "tenant" | "locationHint"> & {
  /** `ResponseCache.name` of the scope's text. */
  readonly scope: string;
};

export type IndexEntry = {
  /** Under which the answer is kept (`ResponseCache`). */
  readonly id: string;
  /** `ResponseCache.name` of the partition's text. */
  readonly partition: string;
  readonly turn: string;
  /** Of length 1. */
  readonly vector: Float32Array;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
};

export type IndexFound = Pick<IndexEntry, "id" | "partition" | "turn"> & {
  readonly trust: Trust;
  /** The cosine of the two vectors, −1..1. */
  readonly similarity: number;
};

/** Best first. */
export type Sought = { readonly found: readonly IndexFound[]; readonly tally: Tally };

/** None of this throws. What returns nothing takes no time, and may be lost. */
export type SemanticIndex = {
  /** The most alike in the partition; undefined where the index could not be asked in time. */
  search(
    place: IndexPlace,
    partition: string,
    vector: Float32Array,
    limit: number,
  ): Promise<Sought | undefined>;
  insert(place: IndexPlace, entry: IndexEntry, maxEntries: number): void;
  used(place: IndexPlace, id: string): void;
  /** `doubt`: that of the judgement. */
  learn(place: IndexPlace, id: string, doubt: number, verdict: Verdict): void;
};

/** Vectors that this isolate has lately been given by embedding models, by name. */
export type RecentVectors = {
  get(name: string): Float32Array | undefined;
  put(name: string, vector: Float32Array): void;
};

export type Semantic = {
  /** Undefined: this deployment has none of the kind. */
  index(kind: "object" | "vectorize"): SemanticIndex | undefined;
  readonly vectors: RecentVectors;
};
/** Read when somebody first looks by likeness. */
export type LoadSemantic = () => Promise<Semantic>;
export const noSemantic: LoadSemantic = async () => ({
  index: () => undefined,
  vectors: { get: () => undefined, put: () => {} },
});
