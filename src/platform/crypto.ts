/**
 * Decides: how a key is tagged, what is kept of its secret, and how both are compared.
 * Never: keeps a secret, and never compares one other than in constant time.
 */
import { BASE36, BASE62, lettersOf } from "../base/ids.ts";
import type { Secret } from "../base/secret.ts";
import {
  type ApiKey,
  formatApiKey,
  ID_LENGTH,
  SECRET_LENGTH,
  signedPart,
  TAG_LENGTH,
} from "../domain/api-key.ts";
import type { Roots } from "./roots.ts";

/** What is kept of a key: nothing that the key could be made from. */
export type KeptSecret = {
  /** Which pepper `digest` was made with. */
  readonly pepper: string;
  /** HMAC-SHA-256(pepper, secret) in hexadecimal. */
  readonly digest: string;
};

export type MintedKey = KeptSecret & { readonly key: string; readonly last4: string };

export type KeyCrypto = {
  /** Whether the tag is ours: a forgery is told without looking anything up. */
  genuine(key: ApiKey): Promise<boolean>;
  /** The whole key of these parts, and what is to be kept of it. */
  mint(tenant: string, id: string, secret: string): Promise<MintedKey>;
  /** Whether `secret` is the one kept; takes as long where nothing is kept. */
  matches(secret: string, kept: KeptSecret | undefined): Promise<boolean>;
};

const HMAC = { name: "HMAC", hash: "SHA-256" };
const encoder = new TextEncoder();
const bytesOf = (text: string): Uint8Array => encoder.encode(text);
export const hmacKey = (raw: Uint8Array | ArrayBuffer): Promise<CryptoKey> =>
  crypto.subtle.importKey("raw", raw, HMAC, false, ["sign"]);
/** HMAC-SHA-256 of a text. */
export const hmac = async (key: CryptoKey, text: string): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.sign("HMAC", key, bytesOf(text)));
const digest = async (text: string): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", bytesOf(text)));

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
/** Bytes in hexadecimal, lower case. */
export const hex = (bytes: Uint8Array): string => {
  let text = "";
  for (const byte of bytes) text += HEX[byte];
  return text;
};

/** SHA-256 of a text in hexadecimal. */
export const sha256 = async (text: string): Promise<string> => hex(await digest(text));

/** Whether two texts are the same, in a time that does not depend on where they differ. */
export const sameText = async (a: string, b: string): Promise<boolean> =>
  crypto.subtle.timingSafeEqual(await digest(a), await digest(b));

/** 32 bytes that only the holder of `root` can make, for one purpose. (RFC 5869, SHA-256, no salt.) */
export async function derive(root: Secret, purpose: string): Promise<Uint8Array> {
  const salt = new Uint8Array();
  const key = await crypto.subtle.importKey("raw", bytesOf(root.reveal()), "HKDF", false, [
    "deriveBits",
  ]);
  const how = { name: "HKDF", hash: "SHA-256", salt, info: bytesOf(purpose) };
  return new Uint8Array(await crypto.subtle.deriveBits(how, key, 256));
}

const random = (length: number, alphabet: string): string =>
  lettersOf(crypto.getRandomValues(new Uint8Array(length + 8)), alphabet, length);

/** A fresh id, as it stands in keys and paths. */
export const freshId = (): string => random(ID_LENGTH, BASE36);
/** A fresh secret of a key: about 190 bits. */
export const freshSecret = (): string => random(SECRET_LENGTH, BASE62);

type Pepper = { readonly name: string; readonly key: CryptoKey };

/** A pepper goes by a name made from itself, so that nobody has to number them. */
async function pepperOf(secret: Secret): Promise<Pepper> {
  const key = await hmacKey(bytesOf(secret.reveal()));
  return { name: hex(await hmac(key, "name")).slice(0, 8), key };
}

export function createKeyCrypto({ masterKey, peppers }: Omit<Roots, "adminToken">): KeyCrypto {
  const make = async () => ({
    tag: await hmacKey(await derive(masterKey, "key-tag")),
    peppers: await Promise.all(peppers.map(pepperOf)),
  });
  // Made on first use: keys cannot be imported before there is a request. Nobody waits for what another makes.
  let made: Awaited<ReturnType<typeof make>> | undefined;
  const keys = async () => {
    made ??= await make();
    return made;
  };
  const tagOf = async (signed: string): Promise<string> =>
    lettersOf((await hmac((await keys()).tag, signed)).subarray(0, 16), BASE62, TAG_LENGTH);

  return {
    genuine: async (key) =>
      crypto.subtle.timingSafeEqual(bytesOf(await tagOf(key.signed)), bytesOf(key.tag)),
    async mint(tenant, id, secret) {
      const parts = { tenant, id, secret };
      const key = formatApiKey(parts, await tagOf(signedPart(parts)));
      const newest = (await keys()).peppers[0];
      if (newest === undefined) throw new Error("there is no pepper");
      const kept = hex(await hmac(newest.key, secret));
      return { key, pepper: newest.name, digest: kept, last4: key.slice(-4) };
    },
    async matches(secret, kept) {
      const all = (await keys()).peppers;
      const pepper = all.find(({ name }) => name === kept?.pepper);
      const any = pepper ?? all[0];
      if (any === undefined) return false;
      const same = await sameText(hex(await hmac(any.key, secret)), kept?.digest ?? "");
      return same && pepper !== undefined;
    },
  };
}
