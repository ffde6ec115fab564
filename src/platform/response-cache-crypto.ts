/**
 * Decides: under which names answers are kept, and how they are sealed.
 * Never: lets a prompt or an answer be read by whoever has the storage (tenant-seal.ts).
 */
import type { Secret } from "../base/secret.ts";
import { createTenantSeal } from "./tenant-seal.ts";

export type CacheCrypto = {
  /** HMAC-SHA-256 in hexadecimal, under a key of the tenant's own. */
  name(tenant: string, text: string): Promise<string>;
  seal(tenant: string, name: string, text: string): Promise<Uint8Array>;
  /** Undefined where it was sealed by another root secret, for another place, or was changed. */
  open(tenant: string, name: string, sealed: Uint8Array): Promise<string | undefined>;
};

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const createCacheCrypto = (masterKey: Secret): CacheCrypto => {
  const { mac, seal, open } = createTenantSeal(masterKey, "cache");
  return {
    name: mac,
    seal: (tenant, name, text) => seal(tenant, name, encoder.encode(text)),
    async open(tenant, name, sealed) {
      const bytes = await open(tenant, name, sealed);
      return bytes && decoder.decode(bytes);
    },
  };
};
