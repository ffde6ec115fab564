/**
 * Decides: under which names a tenant's words are stored, and how they are sealed there.
 * Never: lets them be read or guessed by whoever has the storage, or be put in another's place or another
 * tenant's (faults.md F81).
 */
import type { Secret } from "../base/secret.ts";
import { createTenantKeys, createTenantMac, type TenantMac } from "./tenant-keys.ts";

export type TenantSeal = {
  /** What is stored is found by this. */
  readonly mac: TenantMac;
  /** `name`: the place that it is meant for. Tenants and names have no line ends. */
  seal(tenant: string, name: string, bytes: Uint8Array): Promise<Uint8Array>;
  /** Undefined where it was sealed by another root secret, for another place, or was changed. */
  open(tenant: string, name: string, sealed: Uint8Array): Promise<Uint8Array | undefined>;
};

/** The form of what is sealed: this byte, the nonce, AES-256-GCM of the bytes. */
const FORM = 1;
const NONCE_BYTES = 12;
const HEAD_BYTES = 1 + NONCE_BYTES;

const encoder = new TextEncoder();

/** `purpose`: one for each kind of thing that is stored; what is in storage opens under it alone. */
export const createTenantSeal = (masterKey: Secret, purpose: string): TenantSeal => {
  const keyOf = createTenantKeys(
    { masterKey, purposeOf: (tenant) => `${purpose}/${tenant}` },
    (raw) => crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]),
  );
  const howFor = (tenant: string, name: string, iv: Uint8Array) => ({
    ...{ name: "AES-GCM", iv },
    additionalData: encoder.encode(`${tenant}\n${purpose}\n${name}\n${FORM}`),
  });

  return {
    mac: createTenantMac({ masterKey, purposeOf: (tenant) => `${purpose}-names/${tenant}` }),

    async seal(tenant, name, bytes) {
      const key = await keyOf(tenant);
      const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
      const hidden = await crypto.subtle.encrypt(howFor(tenant, name, iv), key, bytes);
      const sealed = new Uint8Array(HEAD_BYTES + hidden.byteLength);
      sealed[0] = FORM;
      sealed.set(iv, 1);
      sealed.set(new Uint8Array(hidden), HEAD_BYTES);
      return sealed;
    },

    async open(tenant, name, sealed) {
      if (sealed[0] !== FORM) return undefined;
      const key = await keyOf(tenant);
      const how = howFor(tenant, name, sealed.subarray(1, HEAD_BYTES));
      try {
        return new Uint8Array(await crypto.subtle.decrypt(how, key, sealed.subarray(HEAD_BYTES)));
      } catch {
        return undefined;
      }
    },
  };
};
