/**
 * Decides: what a request knows of its own look for a kept answer.
 * Never: looks; that is recall.ts.
 */
import type { Snapshot } from "../domain/config/snapshot.ts";
import type { Allowed } from "../policy/cache/allowed.ts";
import type { Entry } from "../policy/cache/entry.ts";
import type { CacheRules, SemanticRules } from "../policy/cache/rules.ts";
import type { Following, Lead } from "../ports-cache.ts";
import type { IndexPlace, SemanticIndex } from "../ports-semantic.ts";

/**
 * A kept answer that may be given, in the form that the caller asked for. `similarity`: it answered another
 * wording, −1..1.
 */
export type Hit = {
  readonly entry: Entry;
  readonly body: string;
  readonly similarity?: number;
};

/** A turn among the others, once it was looked for. */
export type Alike = {
  readonly rules: SemanticRules;
  readonly index: SemanticIndex;
  readonly place: IndexPlace;
  /** The digest of all but the turn. */
  readonly partition: string;
  readonly turn: string;
  readonly vector: Float32Array;
  /** Seconds: the oldest that the request takes, and the longest that its answer is kept. */
  readonly ttl: number;
  /** A candidate that may be given. */
  readonly hit: Hit | undefined;
  /** One that is not given: the fresh answer will tell whether it could have been. */
  readonly unproven: { readonly id: string; readonly doubt: number } | undefined;
  /** What would be given if it were not for the mode. */
  readonly shadow: string | undefined;
};

export type Sought = {
  readonly snapshot: Snapshot;
  readonly rules: CacheRules;
  readonly allowed: Allowed;
  /** The model or route that the caller asked for, and the name of its answer in the cache. */
  readonly asked: string;
  readonly name: string;
  /** Under which equal requests find each other while they are under way. */
  readonly flight: string;
  /** Seconds: how old an answer may be, and how long it is kept. */
  readonly ttl: number;
  /** One that this isolate had at hand. */
  readonly atHand: Hit | undefined;
  readonly reading: Promise<string | undefined> | undefined;
  /** This request goes ahead for its equals in this isolate; or it follows one of them. */
  lead: Lead | undefined;
  joined: Following | undefined;
  /** How long answers are true. Loaded while the provider works: what is kept then is there at once. */
  readonly dating: Promise<typeof import("../policy/cache/relative-time.ts")>;
  /** What is known of its turn among others, where it was looked for by likeness. */
  alike: Alike | undefined;
};
