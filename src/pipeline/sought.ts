/**
 * Decides: what a request knows of its own look for a kept answer.
 * Never: looks; that is recall.ts.
 */
import type { Snapshot } from "../domain/config/snapshot.ts";
import type { Allowed } from "../policy/cache/allowed.ts";
import type { Entry } from "../policy/cache/entry.ts";
import type { CacheRules } from "../policy/cache/rules.ts";
import type { Following, Lead } from "../ports-cache.ts";

/** A kept answer that may be given, in the form that the caller asked for. */
export type Hit = { readonly entry: Entry; readonly body: string };

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
  /** This request goes ahead for its equals; or it follows one. */
  lead: Lead | undefined;
  joined: Following | undefined;
};
