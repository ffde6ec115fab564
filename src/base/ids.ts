/**
 * Decides: how random bytes become an id or a secret that can be read aloud, pasted and put in a path.
 * Never: makes randomness; the bytes are handed in.
 */
export const BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz";
export const BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/**
 * `length` characters of `alphabet`, made from all of `bytes` read as one number. The characters are
 * even to within alphabet^length / 256^bytes: give at least 8 bytes more than the result can hold.
 */
export function lettersOf(bytes: Uint8Array, alphabet: string, length: number): string {
  const base = BigInt(alphabet.length);
  let rest = 0n;
  for (const byte of bytes) rest = (rest << 8n) | BigInt(byte);
  let letters = "";
  for (let at = 0; at < length; at++) {
    letters = alphabet.charAt(Number(rest % base)) + letters;
    rest /= base;
  }
  return letters;
}
