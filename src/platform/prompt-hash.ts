/**
 * Decides: by which mark an auditor finds the requests that held a given prompt: a keyed digest, the tenant's own.
 * Never: tells whoever has the ledger what was asked; without the root secret nobody can try prompts out.
 */
import type { Secret } from "../base/secret.ts";
import { derive, hex } from "./crypto.ts";

/** 128 bits, in hexadecimal. */
const LENGTH = 32;
/** Tenants whose keys an isolate keeps at hand: some hundred bytes each. */
const MOST_TENANTS = 1_000;
const HMAC = { name: "HMAC", hash: "SHA-256" } as const;

const encoder = new TextEncoder();

export type PromptHash = (tenant: string, text: string) => Promise<string>;

export const createPromptHash = (masterKey: Secret): PromptHash => {
  const keys = new Map<string, CryptoKey>();
  const keyOf = async (tenant: string): Promise<CryptoKey> => {
    const known = keys.get(tenant);
    if (known !== undefined) return known;
    // Nobody waits for what another request makes: that one may be gone.
    const raw = await derive(masterKey, `prompt-hash\n${tenant}`);
    const key = await crypto.subtle.importKey("raw", raw, HMAC, false, ["sign"]);
    keys.set(tenant, key);
    const [oldest] = keys.keys();
    if (keys.size > MOST_TENANTS && oldest !== undefined) keys.delete(oldest);
    return key;
  };
  return async (tenant, text) => {
    const digest = await crypto.subtle.sign("HMAC", await keyOf(tenant), encoder.encode(text));
    return hex(new Uint8Array(digest)).slice(0, LENGTH);
  };
};
