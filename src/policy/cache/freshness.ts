/**
 * Decides: how long an answer lives, how old it is, and what a purge leaves of it.
 * Never: trusts the store's own expiry: KV keeps everything for a minute at least, and its clocks differ.
 */
import { own } from "../../base/record.ts";

/** Counted up by a purge, of a whole organisation or of one model in it. A model without an own count has 0. */
export type Generations = {
  readonly org: number;
  readonly models: Readonly<Record<string, number>>;
};

/** That of one entry: of the moment at which its request began, so that an answer which was under way is purged too. */
export type Generation = { readonly org: number; readonly model: number };

export type Lifetime = {
  /** Milliseconds since the epoch. */
  readonly storedAt: number;
  readonly expiresAt: number;
  readonly generation: Generation;
};

export const generationOf = ({ org, models }: Generations, model: string): Generation => ({
  org,
  model: own(models, model) ?? 0,
});

/** After a purge: of one model, or of everything where none is named. */
export const purged = (before: Generations, model: string | undefined): Generations => {
  if (model === undefined) return { org: before.org + 1, models: {} };
  const next = generationOf(before, model).model + 1;
  return { org: before.org, models: { ...before.models, [model]: next } };
};

/** Seconds: what the request wishes, never more than the policy allows. */
export const boundedTtl = (wished: number | undefined, allowed: number): number =>
  Math.min(wished ?? allowed, allowed);

/**
 * `ttl`: seconds. A `ttl` of 0 is an answer that nobody else gets. `until`: milliseconds since the epoch, when the
 * answer is true no longer (`trueUntil`).
 */
export const lifetimeFrom = (
  now: number,
  ttl: number,
  generation: Generation,
  until = Number.POSITIVE_INFINITY,
): Lifetime => ({
  storedAt: now,
  expiresAt: Math.min(now + ttl * 1_000, until),
  generation,
});

/** Seconds, whole, for the `age` header; a clock that stepped back makes nothing younger than new. */
export const ageOf = ({ storedAt }: Lifetime, now: number): number =>
  Math.max(0, Math.floor((now - storedAt) / 1_000));

/** `ttl`: of the request that asks, in seconds: it gets nothing that is older, however long others keep it. */
export const isFresh = (life: Lifetime, now: number, ttl: number, current: Generation): boolean =>
  now < life.expiresAt &&
  now < life.storedAt + ttl * 1_000 &&
  life.generation.org === current.org &&
  life.generation.model === current.model;
