/**
 * Decides: by which mark an auditor finds the requests that held a given prompt: a keyed digest, the tenant's own.
 * Never: tells whoever has the ledger what was asked; without the root secret nobody can try prompts out.
 */
import type { Secret } from "../base/secret.ts";
import { createTenantMac, type TenantMac } from "./tenant-keys.ts";

/** 128 bits, in hexadecimal. */
const LENGTH = 32;

export const createPromptHash = (masterKey: Secret): TenantMac => {
  const mac = createTenantMac({ masterKey, purposeOf: (tenant) => `prompt-hash\n${tenant}` });
  return async (tenant, text) => (await mac(tenant, text)).slice(0, LENGTH);
};
