/**
 * Decides: what a forest of decision trees says of a row of figures, and how the forest is kept as text.
 * Never: learns; `eval/fit-semantic.ts` does.
 */

/**
 * One node after another, each tree's in depth-first order: a left child follows its parent. `figure`
 * is −1 at a leaf, whose `value` is then added to the score.
 */
export type Forest = {
  readonly base: number;
  /** Where each tree begins. */
  readonly roots: readonly number[];
  readonly figure: Int8Array;
  /** A leaf's value, or the bound below which a row goes left. Coarse numbers only. */
  readonly value: Float32Array;
  /** The right child's place; 0 at a leaf. */
  readonly right: Uint16Array;
};

export const scoreBy = (forest: Forest, row: readonly number[]): number => {
  const { figure, value, right } = forest;
  let score = forest.base;
  for (const root of forest.roots) {
    let at = root;
    for (let of = figure[at] ?? -1; of >= 0; of = figure[at] ?? -1) {
      at = (row[of] ?? 0) < (value[at] ?? 0) ? at + 1 : (right[at] ?? 0);
    }
    score += value[at] ?? 0;
  }
  return score;
};

/** The nearest number that the upper half of a float32 can hold: two or three digits. */
export const coarse = (value: number): number => {
  const bits = new Uint32Array(Float32Array.of(value).buffer);
  bits[0] = ((bits[0] ?? 0) + 0x8000) & 0xffff0000;
  return new Float32Array(bits.buffer)[0] ?? 0;
};

/** Base64 of bytes, and of the upper halves of little-endian float32. Where children stand follows from the order. */
export type Packed = { readonly base: number; readonly figure: string; readonly value: string };

const textOf = (bytes: Uint8Array): string =>
  btoa(bytes.reduce((text, byte) => text + String.fromCharCode(byte), ""));

export const pack = ({ base, figure, value }: Forest): Packed => {
  const halves = Uint16Array.from(new Uint32Array(value.slice().buffer), (bits) => bits >>> 16);
  return {
    base,
    figure: textOf(new Uint8Array(figure.slice().buffer)),
    value: textOf(new Uint8Array(halves.buffer)),
  };
};

const bytesOf = (text: string): ArrayBuffer =>
  Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer;

export const unpack = (packed: Packed): Forest => {
  const figure = new Int8Array(bytesOf(packed.figure));
  const halves = new Uint16Array(bytesOf(packed.value));
  const value = new Float32Array(Uint32Array.from(halves, (half) => half << 16).buffer);
  const right = new Uint16Array(figure.length);
  /** One past the subtree that begins at `at`. */
  const pastTree = (at: number): number => {
    if ((figure[at] ?? -1) < 0) return at + 1;
    right[at] = pastTree(at + 1);
    return pastTree(right[at] ?? 0);
  };
  const roots: number[] = [];
  for (let at = 0; at < figure.length; at = pastTree(at)) roots.push(at);
  return { base: packed.base, roots, figure, value, right };
};
