/**
 * Decides: nothing: the memory of Idempotency-Keys inside a real object, with a clock that a test turns, and a
 * restart between any two calls.
 */
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { Principal } from "../../src/platform/objects/organisation-calls.ts";
import {
  createOnceStore,
  type OnceStore,
  type OnceStoreParts,
} from "../../src/platform/objects/organisation-once.ts";
import type { OnceAttached, OnceEnd } from "../../src/platform/objects/organisation-once-calls.ts";
import { createVirtualTime, type VirtualTime } from "../support/virtual-time.ts";

export type OnceScene = {
  readonly sql: SqlStorage;
  readonly clock: VirtualTime;
  readonly wakes: number[];
  store(): OnceStore;
  /** The object is put away: what it had in memory is gone. */
  restart(): void;
};

let made = 0;

/** Plays `scene` inside an object that no other test has. */
export const inObject = (
  scene: (parts: OnceScene) => Promise<void>,
  more: Pick<OnceStoreParts, "mostBytes"> = {},
): Promise<void> => {
  made += 1;
  return runInDurableObject(env.TARGET.getByName(`once-${made}`), async (_, { storage }) => {
    const clock = createVirtualTime();
    const wakes: number[] = [];
    const start = () =>
      createOnceStore({
        sql: storage.sql,
        clock,
        transaction: (work) => storage.transactionSync(work),
        wakeBy: (at) => void wakes.push(at),
        ...more,
      });
    let store = start();
    await scene({
      sql: storage.sql,
      clock,
      wakes,
      store: () => store,
      restart: () => {
        store = start();
      },
    });
  });
};

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
export const textOf = (value: Uint8Array | undefined): string => new TextDecoder().decode(value);
export const noise = (size: number): Uint8Array => {
  const out = new Uint8Array(size);
  for (let at = 0; at < size; at += 1) out[at] = (at * 31 + (at >> 8)) & 255;
  return out;
};

export const PRINCIPAL: Principal = {
  ...{ org: "acme", tenant: "tenant00", key: "key00000", lineage: "key00000", team: "red" },
  ...{ user: undefined, expiresAt: undefined, revisions: { key: 1 } },
};

/** Compares quickly what is too long to be shown. */
export const isSame = (one: Uint8Array, other: Uint8Array): boolean =>
  one.byteLength === other.byteLength && one.every((byte, at) => byte === other[at]);

export const done = (reply: string): OnceEnd => ({ is: "done", reply: bytes(reply) });

export const readerOf = (attached: OnceAttached): ReadableStreamDefaultReader<Uint8Array> => {
  if (attached.is !== "live") throw new Error(`not live: ${attached.is}`);
  return attached.body.getReader();
};

/** A request with an Idempotency-Key. */
export const wish = (owner: string, more: { id?: string; fingerprint?: string } = {}) => ({
  ...{ principal: PRINCIPAL, id: "key", fingerprint: "same", owner },
  ...more,
});

/** How many records and pieces of replies there are. */
export const kept = ({ sql }: OnceScene): string[] => {
  const count = (table: string) =>
    sql.exec<{ count: number }>(`SELECT count(*) AS count FROM ${table}`).one().count;
  return [`${count("once")} records`, `${count("once_parts")} parts`];
};
