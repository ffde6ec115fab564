/**
 * Decides: under which names answers are kept, and how they are sealed.
 * Never: lets a prompt or an answer be read or guessed by whoever has the storage, or an answer be put in
 * another's place or another tenant's (faults.md F81).
 */
import type { Secret } from "../base/secret.ts";
import { derive, hex } from "./crypto.ts";

export type CacheCrypto = {
  /** HMAC-SHA-256 in hexadecimal, under a key of the tenant's own. */
  name(tenant: string, text: string): Promise<string>;
  seal(tenant: string, name: string, text: string): Promise<Uint8Array>;
  /** Undefined where it was sealed by another root secret, for another place, or was changed. */
  open(tenant: string, name: string, sealed: Uint8Array): Promise<string | undefined>;
};

type TenantKeys = { readonly names: CryptoKey; readonly entries: CryptoKey };

/** The form of a sealed entry: this byte, the nonce, AES-256-GCM of the text. */
const FORM = 1;
const NONCE_BYTES = 12;
/** Tenants whose keys an isolate keeps at hand: some hundred bytes each. */
const MOST_TENANTS = 1_000;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What a sealed entry belongs to. Tenants and names have no line ends. */
const placeOf = (tenant: string, name: string): Uint8Array =>
  encoder.encode(`${tenant}\ncache\n${name}\n${FORM}`);

export const createCacheCrypto = (masterKey: Secret): CacheCrypto => {
  const tenants = new Map<string, TenantKeys>();

  const make = async (tenant: string): Promise<TenantKeys> => {
    const [names, entries] = await Promise.all([
      derive(masterKey, `cache-names/${tenant}`),
      derive(masterKey, `cache/${tenant}`),
    ]);
    const hmac = { name: "HMAC", hash: "SHA-256" };
    return {
      names: await crypto.subtle.importKey("raw", names, hmac, false, ["sign"]),
      entries: await crypto.subtle.importKey("raw", entries, "AES-GCM", false, [
        "encrypt",
        "decrypt",
      ]),
    };
  };

  const keysOf = async (tenant: string): Promise<TenantKeys> => {
    const known = tenants.get(tenant);
    if (known !== undefined) return known;
    // Nobody waits for what another request makes: that one may be gone.
    const made = await make(tenant);
    tenants.set(tenant, made);
    const [oldest] = tenants.keys();
    if (tenants.size > MOST_TENANTS && oldest !== undefined) tenants.delete(oldest);
    return made;
  };

  return {
    async name(tenant, text) {
      const { names } = await keysOf(tenant);
      return hex(new Uint8Array(await crypto.subtle.sign("HMAC", names, encoder.encode(text))));
    },

    async seal(tenant, name, text) {
      const { entries } = await keysOf(tenant);
      const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
      const how = { name: "AES-GCM", iv, additionalData: placeOf(tenant, name) };
      const hidden = await crypto.subtle.encrypt(how, entries, encoder.encode(text));
      const sealed = new Uint8Array(1 + NONCE_BYTES + hidden.byteLength);
      sealed[0] = FORM;
      sealed.set(iv, 1);
      sealed.set(new Uint8Array(hidden), 1 + NONCE_BYTES);
      return sealed;
    },

    async open(tenant, name, sealed) {
      if (sealed[0] !== FORM) return undefined;
      const { entries } = await keysOf(tenant);
      const iv = sealed.subarray(1, 1 + NONCE_BYTES);
      const how = { name: "AES-GCM", iv, additionalData: placeOf(tenant, name) };
      try {
        const hidden = sealed.subarray(1 + NONCE_BYTES);
        return decoder.decode(await crypto.subtle.decrypt(how, entries, hidden));
      } catch {
        return undefined;
      }
    },
  };
};
