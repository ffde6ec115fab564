/**
 * Decides: whether a token is a live key, and whose: by form and tag, then memory, KV, database.
 * Never: looks anything up for a forgery, and never says why it refused.
 */
import { type Clock, sleep } from "../base/clock.ts";
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
  /** Keeps a load alive when the request that began it is cancelled: others count on it. */
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
/** The part of either time after which what is known is read anew, while it still holds: a busy key waits for nothing. */
const AHEAD = 0.8;
/** Milliseconds. Nobody counts on a load older than this: the request that began it may be gone. */
const RELIABLE_FOR = 1_000;
/** Milliseconds between two looks of who waits for another's load. */
const LOOK_MS = 5;
/** Some hundred bytes each; an isolate has 128 MB. */
const MOST_KNOWN = 10_000;

type Known = { readonly record: KeyRecord | undefined; readonly since: number };

export function createIdentify({ db, kv, clock, roots, background }: KeyParts): Identify {
  const crypto = createKeyCrypto(roots);
  const published = createPublished(db, kv, clock, background);
  const changes = createChanges(kv, clock, background);
  /** By the digest of the whole token: never by a part of it, and no token lies in memory. */
  const known = new Map<string, Known>();
  /** Since when the record of a key is being loaded; by id. */
  const loads = new Map<string, { readonly since: number }>();
  /** How often all was forgotten. */
  let turn = 0;

  /** `part`: of the time for which it holds. */
  const isWithin = (part: number, { since }: Known): boolean => {
    const age = clock.now() - since;
    return age < KNOWN_FOR * part || (age < KNOWN_IN_QUIET * part && changes.quietSince(since));
  };
  const isLoading = (id: string): boolean => {
    const running = loads.get(id);
    return running !== undefined && clock.now() - running.since < RELIABLE_FOR;
  };

  const load = async (key: ApiKey, digest: string): Promise<KeyRecord | undefined> => {
    const mine = { since: clock.now() };
    const began = turn;
    loads.set(key.id, mine);
    try {
      const found = await published.read(key.id);
      const right = await crypto.matches(key.secret, found);
      const own = right && (found?.tenant ?? ADMIN_TENANT) === key.tenant ? found : undefined;
      if (began === turn) remember(known, digest, { record: own, since: mine.since }, MOST_KNOWN);
      return own;
    } finally {
      if (loads.get(key.id) === mine) loads.delete(key.id);
    }
  };

  const loadInBackground = (key: ApiKey, digest: string): Promise<KeyRecord | undefined> => {
    const loading = load(key, digest);
    background(loading.catch(() => undefined));
    return loading;
  };

  const lookUp = async (key: ApiKey, digest: string): Promise<KeyRecord | undefined> => {
    // Not for the other's promise: it does not wake this request, and one with nothing else to wait for is ended as hung.
    while (isLoading(key.id)) await sleep(clock, LOOK_MS);
    const hit = known.get(digest);
    return hit !== undefined && isWithin(1, hit) ? hit.record : loadInBackground(key, digest);
  };

  const live = (record: KeyRecord | undefined): KeyRecord | undefined =>
    record?.expiresAt == null || clock.now() < record.expiresAt ? record : undefined;

  return {
    async identify(token) {
      const key = parseApiKey(token);
      if (key === undefined) return undefined;
      const digest = await sha256(token);
      const hit = known.get(digest);
      if (hit !== undefined && isWithin(1, hit)) {
        if (!isWithin(AHEAD, hit) && !isLoading(key.id)) void loadInBackground(key, digest);
        return live(hit.record);
      }
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
