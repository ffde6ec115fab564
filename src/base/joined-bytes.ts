/**
 * Decides: how pieces of bytes become one.
 * Never: counts them; `size`, of all together in bytes, is known to whoever has gathered them.
 */

/** Always a copy, also of one: what is part of something larger would take all of it along to another isolate. */
export const copiedBytes = (pieces: readonly Uint8Array[], size: number): Uint8Array => {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.byteLength;
  }
  return whole;
};

/** A copy only where there are several. */
export const joinedBytes = (pieces: readonly Uint8Array[], size: number): Uint8Array => {
  const [only] = pieces;
  return only !== undefined && pieces.length === 1 ? only : copiedBytes(pieces, size);
};
