/**
 * Decides: under which names an Idempotency-Key and its request are kept, and how a reply is sealed.
 * Never: lets a key, a body or a reply be read by whoever has the storage (tenant-seal.ts).
 */
import type { Secret } from "../base/secret.ts";
import type { KeptReply } from "../ports.ts";
import { createTenantSeal } from "./tenant-seal.ts";

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

/** What is sealed: the length of the head in so many bytes, head and body. */
const LENGTH_BYTES = 4;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

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
  const { mac, seal, open } = createTenantSeal(masterKey, "idempotency");
  return {
    async names({ tenant, team }, key, requestText) {
      const scoped = JSON.stringify(["key", team ?? null, key]);
      return {
        id: await mac(tenant, scoped),
        fingerprint: await mac(tenant, `request\n${requestText}`),
      };
    },
    seal: (tenant, id, reply) => seal(tenant, id, packed(reply)),
    async open(tenant, id, sealed) {
      const whole = await open(tenant, id, sealed);
      return whole && unpacked(whole);
    },
  };
};
