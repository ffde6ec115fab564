/**
 * Decides: how pieces of bytes become one.
 * Never: copies where there is one piece already.
 */

/** `size`: of all pieces together, in bytes; whoever gathers them has counted. */
export const joinedBytes = (pieces: readonly Uint8Array[], size: number): Uint8Array => {
  const [only] = pieces;
  if (only !== undefined && pieces.length === 1) return only;
  const whole = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.byteLength;
  }
  return whole;
};
