/**
 * Decides: under which names an Idempotency-Key and its request are kept, and how a reply is sealed.
 * Never: lets a key, a body or a reply be read by whoever has the storage, or a reply be put in another's place.
 */
import type { Secret } from "../base/secret.ts";
import type { KeptReply } from "../ports.ts";
import { derive, hex } from "./crypto.ts";

/** A reply that is there in full. */
export type WholeReply = KeptReply & { readonly body: Uint8Array };

/** Who shares a key: the team, or where there is none the organisation. */
export type OnceScope = { readonly tenant: string; readonly team: string | undefined };

export type OnceCrypto = {
  /** Hexadecimal HMACs, of scope and key and of the request. */
  names(
    scope: OnceScope,
    key: string,
    requestText: string,
  ): Promise<{ readonly id: string; readonly fingerprint: string }>;
  seal(tenant: string, id: string, reply: WholeReply): Promise<Uint8Array>;
  /** Undefined where it was sealed by another root secret, for another record, or was changed. */
  open(tenant: string, id: string, sealed: Uint8Array): Promise<WholeReply | undefined>;
};

type TenantKeys = { readonly names: CryptoKey; readonly replies: CryptoKey };

/** The form of a sealed reply: this byte, the nonce, AES-256-GCM of the length of the head, head and body. */
const FORM = 1;
const NONCE_BYTES = 12;
const LENGTH_BYTES = 4;
/** Tenants whose keys an isolate keeps at hand: some hundred bytes each. */
const MOST_TENANTS = 1_000;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What a sealed reply belongs to. Tenants and ids have no line ends. */
const placeOf = (tenant: string, id: string): Uint8Array =>
  encoder.encode(`${tenant}\nidempotency\n${id}\n${FORM}`);

const packed = ({ status, headers, body }: WholeReply): Uint8Array => {
  const head = encoder.encode(JSON.stringify({ status, headers }));
  const whole = new Uint8Array(LENGTH_BYTES + head.byteLength + body.byteLength);
  new DataView(whole.buffer).setUint32(0, head.byteLength);
  whole.set(head, LENGTH_BYTES);
  whole.set(body, LENGTH_BYTES + head.byteLength);
  return whole;
};

const unpacked = (whole: Uint8Array): WholeReply => {
  const { buffer, byteOffset } = whole;
  const end = LENGTH_BYTES + new DataView(buffer, byteOffset).getUint32(0);
  const head = JSON.parse(decoder.decode(whole.subarray(LENGTH_BYTES, end))) as Omit<
    KeptReply,
    "body"
  >;
  return { ...head, body: whole.subarray(end) };
};

export const createOnceCrypto = (masterKey: Secret): OnceCrypto => {
  const tenants = new Map<string, TenantKeys>();

  const make = async (tenant: string): Promise<TenantKeys> => {
    const [names, replies] = await Promise.all([
      derive(masterKey, `idempotency-names/${tenant}`),
      derive(masterKey, `idempotency/${tenant}`),
    ]);
    const hmac = { name: "HMAC", hash: "SHA-256" };
    return {
      names: await crypto.subtle.importKey("raw", names, hmac, false, ["sign"]),
      replies: await crypto.subtle.importKey("raw", replies, "AES-GCM", false, [
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

  const mac = async (key: CryptoKey, text: string): Promise<string> =>
    hex(new Uint8Array(await crypto.subtle.sign("HMAC", key, encoder.encode(text))));

  return {
    async names({ tenant, team }, key, requestText) {
      const { names } = await keysOf(tenant);
      const scoped = JSON.stringify(["key", team ?? null, key]);
      return {
        id: await mac(names, scoped),
        fingerprint: await mac(names, `request\n${requestText}`),
      };
    },

    async seal(tenant, id, reply) {
      const { replies } = await keysOf(tenant);
      const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
      const how = { name: "AES-GCM", iv, additionalData: placeOf(tenant, id) };
      const hidden = new Uint8Array(await crypto.subtle.encrypt(how, replies, packed(reply)));
      const sealed = new Uint8Array(1 + NONCE_BYTES + hidden.byteLength);
      sealed[0] = FORM;
      sealed.set(iv, 1);
      sealed.set(hidden, 1 + NONCE_BYTES);
      return sealed;
    },

    async open(tenant, id, sealed) {
      if (sealed[0] !== FORM) return undefined;
      const { replies } = await keysOf(tenant);
      const iv = sealed.subarray(1, 1 + NONCE_BYTES);
      const how = { name: "AES-GCM", iv, additionalData: placeOf(tenant, id) };
      try {
        const hidden = sealed.subarray(1 + NONCE_BYTES);
        return unpacked(new Uint8Array(await crypto.subtle.decrypt(how, replies, hidden)));
      } catch {
        return undefined;
      }
    },
  };
};
