/**
 * Decides: that each tenant has keys of its own for each purpose, made from the root secret, and that an isolate
 * keeps those at hand which it needed last.
 * Never: gives a key out; what is made with one says nothing about another's.
 */
import { remember } from "../base/remember.ts";
import type { Secret } from "../base/secret.ts";
import { derive, hex, hmac, hmacKey } from "./crypto.ts";

/** Tenants whose keys of one purpose an isolate keeps at hand: some hundred bytes each. */
const MOST_TENANTS = 1_000;

/** `purposeOf` names what the key is for: data that outlives a deploy is found and opened by it. */
export type TenantKeyParts = {
  readonly masterKey: Secret;
  readonly purposeOf: (tenant: string) => string;
};

/** The key of a tenant; `use` makes it from 32 derived bytes. */
export const createTenantKeys = (
  { masterKey, purposeOf }: TenantKeyParts,
  use: (raw: Uint8Array) => Promise<CryptoKey>,
): ((tenant: string) => Promise<CryptoKey>) => {
  const keys = new Map<string, CryptoKey>();
  return async (tenant) => {
    const known = keys.get(tenant);
    if (known !== undefined) return known;
    // Nobody waits for what another request makes: that one may be gone.
    const made = await use(await derive(masterKey, purposeOf(tenant)));
    remember(keys, tenant, made, MOST_TENANTS);
    return made;
  };
};

/** HMAC-SHA-256 of a text in hexadecimal, under a key of the tenant's own. */
export type TenantMac = (tenant: string, text: string) => Promise<string>;

export const createTenantMac = (parts: TenantKeyParts): TenantMac => {
  const keyOf = createTenantKeys(parts, hmacKey);
  return async (tenant, text) => hex(await hmac(await keyOf(tenant), text));
};
