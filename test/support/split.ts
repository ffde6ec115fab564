/**
 * Decides: how a test cuts bytes into chunks.
 * Never: changes them: the chunks joined are the bytes.
 */
export const byteByByte = (bytes: Uint8Array): Uint8Array[] =>
  Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));

/** Cuts at the given places, each taken modulo the length; empty chunks may come out. */
export const splitAt = (bytes: Uint8Array, places: readonly number[]): Uint8Array[] => {
  const cuts = places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b);
  return [...cuts, bytes.length].map((end, index) =>
    bytes.subarray(index === 0 ? 0 : cuts[index - 1], end),
  );
};

export const joinBytes = (chunks: readonly Uint8Array[]): Uint8Array =>
  new Uint8Array(Buffer.concat(chunks));
