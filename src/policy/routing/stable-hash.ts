/**
 * Decides: where in [0, 1) a name falls – the same place in every isolate, version and region.
 * Never: keeps a secret; it is spread evenly and nothing more.
 */

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
const RANGE = 2 ** 32;

/** FNV-1a over the UTF-16 units, both bytes, then MurmurHash3's finaliser: FNV alone leaves the high bits poor. */
export const hash32 = (text: string): number => {
  let hash = FNV_OFFSET;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    hash = Math.imul(hash ^ (unit & 0xff), FNV_PRIME);
    hash = Math.imul(hash ^ (unit >>> 8), FNV_PRIME);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
};

/** Which canary and which user: the parts are kept apart, so that `a` + `bc` is not `ab` + `c`. */
export const shareOf = (...parts: readonly string[]): number =>
  hash32(parts.join("\u0000")) / RANGE;
