/**
 * Decides: whether a token is a live key, and whose: by form and tag, then memory, KV, database.
 * Never: looks anything up for a forgery, and never says why it refused.
 */
import type { Clock } from "../base/clock.ts";
import { remember } from "../base/remember.ts";
import { err, ok } from "../base/result.ts";
import { ADMIN_TENANT, type ApiKey, parseApiKey } from "../domain/api-key.ts";
import type { Keys } from "../ports.ts";
import { createKeyCrypto, sha256 } from "./crypto.ts";
import { callerOf } from "./keys-caller.ts";
import { createChanges } from "./keys-changed.ts";
import { createPublished } from "./keys-published.ts";
import { type KeyRecord, loadRecord } from "./keys-record.ts";
import type { Roots } from "./roots.ts";

export type KeyParts = {
  readonly db: D1Database;
  readonly kv: KVNamespace;
  readonly clock: Clock;
  readonly roots: Roots;
  /** Keeps a load alive that others wait for when the request that began it is cancelled. */
  readonly background: (work: Promise<unknown>) => void;
};

export type Identify = {
  /** The record of a live key; undefined for every other token. */
  identify(token: string): Promise<KeyRecord | undefined>;
  /** Goes on with `record`, as the database had it after `since`, where another of the same key is known. */
  adopt(record: KeyRecord, since: number): void;
  /** Nothing counts any more that is known of keys, or is being read at this moment. */
  forget(): void;
};

/** Milliseconds. How long an isolate may go on with what it knows: half of what revoking may take. */
const KNOWN_FOR = 5_000;
/** Milliseconds. The same while no key changes: what bounds a record whose change nobody told of. */
const KNOWN_IN_QUIET = 60_000;
/** Milliseconds. Nobody joins a load older than this: the request that began it may be gone. */
const JOINABLE_FOR = 1_000;
/** Some hundred bytes each; an isolate has 128 MB. */
const MOST_KNOWN = 10_000;

type Known = { readonly record: KeyRecord | undefined; readonly since: number };
type Load = {
  readonly record: Promise<KeyRecord | undefined>;
  readonly since: number;
  /** How often all was forgotten before it began. */
  readonly turn: number;
};

export function createIdentify({ db, kv, clock, roots, background }: KeyParts): Identify {
  const crypto = createKeyCrypto(roots);
  const published = createPublished(db, kv, clock, background);
  const changes = createChanges(kv, clock, background);
  /** By the digest of the whole token: never by a part of it, and no token lies in memory. */
  const known = new Map<string, Known>();
  const loads = new Map<string, Load>();
  let turn = 0;

  const isCurrent = ({ since }: Known): boolean => {
    const age = clock.now() - since;
    return age < KNOWN_FOR || (age < KNOWN_IN_QUIET && changes.quietSince(since));
  };

  const load = (id: string): Load => {
    const now = clock.now();
    const running = loads.get(id);
    if (running !== undefined && now - running.since < JOINABLE_FOR) return running;
    const started = { record: published.read(id), since: now, turn };
    loads.set(id, started);
    const done = (): void => {
      if (loads.get(id) === started) loads.delete(id);
    };
    background(started.record.then(done, done));
    return started;
  };

  const lookUp = async (key: ApiKey, digest: string): Promise<KeyRecord | undefined> => {
    const { record, since, turn: began } = load(key.id);
    const found = await record;
    const right = await crypto.matches(key.secret, found);
    const mine = right && (found?.tenant ?? ADMIN_TENANT) === key.tenant ? found : undefined;
    if (began === turn) remember(known, digest, { record: mine, since }, MOST_KNOWN);
    return mine;
  };

  const live = (record: KeyRecord | undefined): KeyRecord | undefined =>
    record?.expiresAt == null || clock.now() < record.expiresAt ? record : undefined;

  return {
    async identify(token) {
      const key = parseApiKey(token);
      if (key === undefined) return undefined;
      const digest = await sha256(token);
      const hit = known.get(digest);
      if (hit !== undefined && isCurrent(hit)) return live(hit.record);
      if (!(await crypto.genuine(key))) return undefined;
      return live(await lookUp(key, digest));
    },
    adopt(record, since) {
      for (const [digest, { record: before }] of known) {
        if (before?.id === record.id) known.set(digest, { record, since });
      }
    },
    forget() {
      turn += 1;
      known.clear();
      loads.clear();
    },
  };
}

/** Verifies data keys. */
export function createKeys(parts: KeyParts): Keys & Pick<Identify, "forget"> {
  const { identify, adopt, forget } = createIdentify(parts);
  return {
    forget,
    async verify(token) {
      const record = await identify(token);
      if (record === undefined) return err("invalid");
      const caller = callerOf(record);
      return caller === undefined ? err("wrong_class") : ok(caller);
    },
    // Past every copy: whoever asks has been told that his copy is old.
    async refresh({ key }) {
      const since = parts.clock.now();
      const record = await loadRecord(parts.db, key);
      if (record === undefined) return undefined;
      adopt(record, since);
      if (record.expiresAt !== null && record.expiresAt <= parts.clock.now()) return undefined;
      return callerOf(record);
    },
  };
}
