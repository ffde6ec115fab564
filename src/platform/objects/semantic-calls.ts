/**
 * Decides: what isolates and the index of one scope say to each other.
 * Never: carries a turn that can be read: `turn` is sealed by the isolate, and only isolates open it.
 */
import type { Tally } from "../../policy/cache/semantic/tally.ts";
import type { Verdict } from "../../policy/cache/semantic/trust.ts";
import type { Found, NewRow } from "./semantic-core.ts";

export type Looked = { readonly found: readonly Found[]; readonly tally: Tally };

/** All of it may be repeated, except that a verdict counts each time. */
export type SemanticCalls = {
  search(partition: string, vector: Float32Array, limit: number): Promise<Looked>;
  /** Found from then on. The least valuable go for it where there are `maxEntries`. */
  insert(row: NewRow, maxEntries: number): Promise<void>;
  used(id: string): Promise<void>;
  learn(id: string, doubt: number, verdict: Verdict): Promise<void>;
  /**
   * Notes an entry that is to lie in Vectorize, which forgets nothing by itself. Returns the ids that have to
   * go there: expired ones, then those beyond `maxEntries` that expire first, this one among them. They stay
   * noted until they are `deleted`.
   */
  elsewhere(id: string, expiresAt: number, maxEntries: number): Promise<readonly string[]>;
  /** These are in Vectorize no more. */
  deleted(ids: readonly string[]): Promise<void>;
};
