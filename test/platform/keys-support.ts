/**
 * Decides: how a test gets keys, a verifier whose clock it moves, and a count of what was looked up.
 * Never: replaces storage: it is the real one, watched.
 */
import { env } from "cloudflare:workers";
import { Secret } from "../../src/base/secret.ts";
import type { KeyParts } from "../../src/platform/keys.ts";
import type { KeyFields } from "../../src/platform/keys-rows.ts";
import type { Roots } from "../../src/platform/roots.ts";

export const roots: Roots = {
  adminToken: new Secret("the-admin-token"),
  masterKey: new Secret("the-master-key"),
  peppers: [new Secret("the-pepper")],
};

export const by = { actor: "root", requestId: "req_1" };

export const plainKey: KeyFields = {
  team: null,
  user: null,
  name: null,
  tags: {},
  scopes: ["chat"],
  policy: {},
  expires_at: null,
};

/** Counts the calls of `names` on `target`, and lets them through. */
function watched<T extends object>(target: T, names: readonly string[], count: () => void): T {
  return new Proxy(target, {
    get(from, name) {
      const value: unknown = Reflect.get(from, name);
      if (typeof value !== "function") return value;
      return (...args: unknown[]) => {
        if (names.includes(String(name))) count();
        return Reflect.apply(value, from, args);
      };
    },
  });
}

export type Bench = KeyParts & {
  /** Milliseconds since the epoch; a test moves it. */
  now: number;
  readonly lookups: { kv: number; db: number };
  /** Waits for what was left to the background. */
  settled(): Promise<unknown>;
};

export function bench(more: Partial<KeyParts> = {}): Bench {
  const lookups = { kv: 0, db: 0 };
  const work: Promise<unknown>[] = [];
  const made: Bench = {
    db: watched(env.DB, ["prepare"], () => {
      lookups.db++;
    }),
    kv: watched(env.KV, ["get"], () => {
      lookups.kv++;
    }),
    clock: {
      now: () => made.now,
      after: (ms, run) => {
        const timer = setTimeout(run, ms);
        return () => clearTimeout(timer);
      },
    },
    roots,
    background: (promise) => work.push(promise),
    now: 1_000_000,
    lookups,
    settled: () => Promise.all(work),
    ...more,
  };
  return made;
}
