/**
 * Decides: where kept answers lie: sealed in KV, and for a moment in the isolate's memory.
 * Never: holds up a request for long, or fails one: what cannot be read is a miss (faults.md F53).
 */
import { type Clock, within } from "../base/clock.ts";
import type { Secret } from "../base/secret.ts";
import type { ResponseCache } from "../ports-cache.ts";
import { EDGE_TTL } from "./edge-ttl.ts";
import { createCacheCrypto } from "./response-cache-crypto.ts";
import { createRecentAnswers } from "./response-cache-memory.ts";

/** Seconds. KV takes no less. */
const LEAST_TTL = 60;
/** Milliseconds. A look that takes longer would cost more than it saves. */
const READ_WITHIN = 300;
/** Bytes. KV would take 25 MiB; what is this long is seldom asked for twice. */
const MOST_BYTES = 2 * 1024 * 1024;

export type ResponseCacheParts = {
  readonly kv: KVNamespace;
  readonly clock: Clock;
  readonly masterKey: Secret;
  readonly background: (work: Promise<unknown>) => void;
};

const nameOf = (tenant: string, name: string): string => `cache/1/${tenant}/${name}`;

export const createResponseCache = (parts: ResponseCacheParts): ResponseCache => {
  const { kv, clock, background } = parts;
  const crypto = createCacheCrypto(parts.masterKey);
  const recent = createRecentAnswers(clock);

  const look = async (tenant: string, name: string): Promise<string | undefined> => {
    const key = nameOf(tenant, name);
    const sealed = await kv.get(key, { type: "arrayBuffer", cacheTtl: EDGE_TTL });
    if (sealed === null) return undefined;
    const text = await crypto.open(tenant, name, new Uint8Array(sealed));
    if (text !== undefined) recent.put(key, text);
    return text;
  };

  const keep = async (
    tenant: string,
    name: string,
    text: string,
    seconds: number,
  ): Promise<void> => {
    const sealed = await crypto.seal(tenant, name, text);
    if (sealed.byteLength > MOST_BYTES) return;
    const expirationTtl = Math.max(LEAST_TTL, Math.ceil(seconds));
    await kv.put(nameOf(tenant, name), sealed, { expirationTtl });
  };

  return {
    name: crypto.name,
    recent: (tenant, name) => recent.get(nameOf(tenant, name)),
    read: (tenant, name) => within(clock, READ_WITHIN, () => look(tenant, name)),
    write(tenant, name, text, seconds) {
      if (seconds <= 0) return;
      recent.put(nameOf(tenant, name), text);
      background(keep(tenant, name, text, seconds).catch(() => undefined));
    },
  };
};
