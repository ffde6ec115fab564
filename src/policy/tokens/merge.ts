/**
 * Decides: the tokens of one piece of text, by byte-pair merging: lowest rank first, leftmost among equals.
 * Never: is quadratic. Neighbours are a linked list and candidates a heap, so that 500 kB without a space
 * (one piece) costs n log n.
 */
import type { RankTable } from "./rank-table.ts";

/** Heap keys are rank × 2²⁵ + position: exact in a double, ordered by rank and then from the left. */
const POSITIONS = 2 ** 25;

/** A binary min-heap of numbers. */
const createHeap = () => {
  const items: number[] = [];
  return {
    push(key: number): void {
      let at = items.length;
      while (at > 0) {
        const parent = (at - 1) >> 1;
        const above = items[parent] ?? 0;
        if (above <= key) break;
        items[at] = above;
        at = parent;
      }
      items[at] = key;
    },
    pop(): number | undefined {
      const top = items[0];
      const last = items.pop();
      if (last === undefined || items.length === 0) return top;
      let at = 0;
      for (let child = 1; child < items.length; child = 2 * at + 1) {
        const left = items[child] ?? 0;
        const right = items[child + 1] ?? Number.POSITIVE_INFINITY;
        const least = Math.min(left, right);
        if (least >= last) break;
        items[at] = least;
        at = left <= right ? child : child + 1;
      }
      items[at] = last;
      return top;
    },
  };
};

/** Token ids of `bytes[0, length)`. `length` is below 2²⁵: tokenizer.ts hands on no longer piece. */
export const mergePiece = (bytes: Uint8Array, length: number, table: RankTable): number[] => {
  const whole = table.rankOf(bytes, 0, length);
  if (whole !== -1) return [whole];
  /** Of the part that begins at an index: where the next one begins, and where the one before did. */
  const next = new Int32Array(length + 1);
  const previous = new Int32Array(length + 1);
  /** Rank of that part merged with the next one; -1 where they make no token, or no part begins here. */
  const merged = new Int32Array(length + 1).fill(-1);
  const heap = createHeap();

  const consider = (at: number): void => {
    const second = next[at] ?? length;
    const rank = second < length ? table.rankOf(bytes, at, next[second] ?? length) : -1;
    merged[at] = rank;
    if (rank !== -1) heap.push(rank * POSITIONS + at);
  };

  for (let at = 0; at <= length; at++) {
    next[at] = at + 1;
    previous[at] = at - 1;
  }
  for (let at = 0; at < length; at++) consider(at);
  for (let key = heap.pop(); key !== undefined; key = heap.pop()) {
    const at = key % POSITIONS;
    if (merged[at] !== (key - at) / POSITIONS) continue;
    const second = next[at] ?? length;
    const after = next[second] ?? length;
    next[at] = after;
    previous[after] = at;
    merged[second] = -1;
    consider(at);
    if (at > 0) consider(previous[at] ?? 0);
  }

  const ids: number[] = [];
  for (let at = 0; at < length; at = next[at] ?? length) {
    ids.push(table.rankOf(bytes, at, next[at] ?? length));
  }
  return ids;
};
