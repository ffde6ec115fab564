/**
 * Decides: how the words of a turn are sealed before they leave the isolate for an index.
 * Never: lets an index, or whoever has its storage, read what was asked, or move it to another entry.
 */
import type { Secret } from "../base/secret.ts";
import { createCacheCrypto } from "./response-cache-crypto.ts";

export type TurnSeal = {
  /** Base64. `id`: the entry's. */
  seal(tenant: string, id: string, turn: string): Promise<string>;
  /** Undefined where it was sealed for another entry, tenant or root secret, or was changed. */
  open(tenant: string, id: string, sealed: string): Promise<string | undefined>;
};

const base64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));

const bytesOf = (text: string): Uint8Array | undefined => {
  try {
    return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  } catch {
    return undefined;
  }
};

/** Turns are sealed as answers are; no answer has such a name. */
const nameOf = (id: string): string => `turn/${id}`;

export const createTurnSeal = (masterKey: Secret): TurnSeal => {
  const crypto = createCacheCrypto(masterKey);
  return {
    seal: async (tenant, id, turn) => base64(await crypto.seal(tenant, nameOf(id), turn)),
    async open(tenant, id, sealed) {
      const bytes = bytesOf(sealed);
      return bytes && crypto.open(tenant, nameOf(id), bytes);
    },
  };
};
