/**
 * Decides: where a key's record is read from, and how a change takes the old one out of circulation.
 * Never: lets a record outlive the change that made it wrong: readers publish, writers only withdraw.
 */
import type { Clock } from "../base/clock.ts";
import { EDGE_TTL } from "./edge-ttl.ts";
import { tellChange } from "./keys-changed.ts";
import { type KeyRecord, loadRecord } from "./keys-record.ts";
import { keysOf, type Place } from "./tenants-place.ts";

export type Published = {
  /** The record of a key: as published, else from the database. */
  read(id: string): Promise<KeyRecord | undefined>;
};

/** Seconds. Bounds the life of a record whose withdrawal failed. */
const LIFETIME = 3600;
/** KV removals under way at once: a Worker has six connections, the rest would only queue. */
const AT_ONCE = 6;

const nameOf = (id: string): string => `key/3/${id}`;

export function createPublished(
  db: D1Database,
  kv: KVNamespace,
  clock: Clock,
  background: (work: Promise<unknown>) => void,
): Published {
  // A change that lands between our reading and our publishing has withdrawn too early. Whoever
  // publishes therefore looks again afterwards: later changes withdraw after that by themselves.
  const publish = async (record: KeyRecord): Promise<void> => {
    const text = JSON.stringify(record);
    await kv.put(nameOf(record.id), text, { expirationTtl: LIFETIME });
    const isWrong = JSON.stringify(await loadRecord(db, record.id)) !== text;
    if (isWrong) await withdraw(kv, [record.id], clock.now());
  };
  return {
    async read(id) {
      const published = await kv
        .get<KeyRecord>(nameOf(id), { type: "json", cacheTtl: EDGE_TTL })
        .catch(() => null);
      if (published !== null) return published;
      // KV remembers misses too: a key made a moment ago is found here.
      const record = await loadRecord(db, id);
      if (record !== undefined) background(publish(record).catch(() => undefined));
      return record;
    },
  };
}

/**
 * Takes records out of circulation. To be called after the change has been committed; `now` in
 * milliseconds since the epoch.
 */
export async function withdraw(
  kv: KVNamespace,
  ids: readonly string[],
  now: number,
): Promise<void> {
  await allDone([tellChange(kv, now), removeAll(kv, ids)]);
}

/** The same for all keys whose record holds something of the place. */
export async function withdrawUnder(
  place: Place,
  { db, kv, clock }: { readonly db: D1Database; readonly kv: KVNamespace; readonly clock: Clock },
): Promise<void> {
  const { results } = await keysOf(db, place).all<{ id: string }>();
  await withdraw(
    kv,
    results.map(({ id }) => id),
    clock.now(),
  );
}

/**
 * Resolves when all of it is done. One that fails keeps none of the others: a change that KV was not told of is
 * told to the organisation's object all the same, which then refuses every copy. Throws the first fault.
 */
export async function allDone(works: readonly Promise<unknown>[]): Promise<void> {
  const done = await Promise.allSettled(works);
  for (const part of done) if (part.status === "rejected") throw part.reason;
}

async function removeAll(kv: KVNamespace, ids: readonly string[]): Promise<void> {
  for (let at = 0; at < ids.length; at += AT_ONCE) {
    await Promise.all(ids.slice(at, at + AT_ONCE).map((id) => kv.delete(nameOf(id))));
  }
}
