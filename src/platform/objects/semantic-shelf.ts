/**
 * Decides: how the rough vectors of one partition lie: one after the other in one piece of memory, so that a look
 * at ten thousand of them takes a few milliseconds.
 * Never: knows when an entry expires or what it says; whoever looks tells which ids count.
 */
import { type Probe, probeOf, type Quantised } from "./semantic-quantise.ts";

export type Near = {
  readonly id: string;
  /** About the cosine, where both vectors have length 1; at 64 numbers and more, usually within 0.01 of it. */
  readonly rough: number;
};

/** A question in which fewer numbers than this share are not zero is read by those alone. */
const SPARSE = 0.3;
/** Room beyond what is needed, so that not every addition moves everything. */
const SPARE = 1.25;

/** The sum of products of `probe` with the numbers from `from` on. Of whole numbers, and exact. */
const sparseDot = (numbers: Int8Array, from: number, { places, numbers: asked }: Probe): number => {
  let sum = 0;
  for (let at = 0; at < places.length; at++) {
    sum += (asked[at] ?? 0) * (numbers[from + (places[at] ?? 0)] ?? 0);
  }
  return sum | 0;
};

/** Four sums at a time do not wait for each other. */
const denseDot = (numbers: Int8Array, from: number, asked: Int32Array): number => {
  const whole = asked.length & ~3;
  let one = 0;
  let two = 0;
  let three = 0;
  let four = 0;
  for (let at = 0; at < whole; at += 4) {
    const here = from + at;
    one = (one + (asked[at] ?? 0) * (numbers[here] ?? 0)) | 0;
    two = (two + (asked[at + 1] ?? 0) * (numbers[here + 1] ?? 0)) | 0;
    three = (three + (asked[at + 2] ?? 0) * (numbers[here + 2] ?? 0)) | 0;
    four = (four + (asked[at + 3] ?? 0) * (numbers[here + 3] ?? 0)) | 0;
  }
  for (let at = whole; at < asked.length; at++) {
    one = (one + (asked[at] ?? 0) * (numbers[from + at] ?? 0)) | 0;
  }
  return one + two + three + four;
};

export class Shelf {
  /** How many numbers each vector has. */
  readonly #length: number;
  readonly #ids: string[] = [];
  readonly #places = new Map<string, number>();
  #numbers = new Int8Array();
  #steps = new Float64Array();

  constructor(length: number) {
    this.#length = length;
  }

  get size(): number {
    return this.#ids.length;
  }

  /** An id that is not there yet; `numbers` of the shelf's length. */
  add(id: string, { numbers, step }: Quantised): void {
    const place = this.#ids.push(id) - 1;
    this.#places.set(id, place);
    if (place >= this.#steps.length) this.#makeRoom();
    this.#numbers.set(numbers, place * this.#length);
    this.#steps[place] = step;
  }

  /** The last one takes its place. */
  remove(id: string): void {
    const place = this.#places.get(id);
    if (place === undefined) return;
    this.#places.delete(id);
    const moved = this.#ids.pop();
    if (moved !== undefined && moved !== id) {
      const from = this.#ids.length * this.#length;
      this.#numbers.copyWithin(place * this.#length, from, from + this.#length);
      this.#steps[place] = this.#steps[this.#ids.length] ?? 0;
      this.#ids[place] = moved;
      this.#places.set(moved, place);
    }
    // Many partitions share the object's memory: one that has become small gives back what it had.
    if (this.#steps.length > 2 * SPARE * this.#ids.length + 1) this.#makeRoom();
  }

  /** The `count` most alike of those that count, best first; between equals by id, wherever they lie. */
  nearest(asked: Quantised, count: number, counts: (id: string) => boolean): readonly Near[] {
    const probe = probeOf(asked);
    const isSparse = probe.places.length < SPARSE * this.#length;
    const dense = Int32Array.from(asked.numbers);
    const best: Near[] = [];
    let least = Number.NEGATIVE_INFINITY;
    for (let place = 0; place < this.#ids.length; place++) {
      const from = place * this.#length;
      const dot = isSparse
        ? sparseDot(this.#numbers, from, probe)
        : denseDot(this.#numbers, from, dense);
      const rough = dot * asked.step * (this.#steps[place] ?? 0);
      if (rough < least) continue;
      const id = this.#ids[place] ?? "";
      if (!counts(id)) continue;
      const rank = best.findIndex(
        (one) => one.rough < rough || (one.rough === rough && id < one.id),
      );
      if (rank < 0 && best.length >= count) continue;
      best.splice(rank < 0 ? best.length : rank, 0, { id, rough });
      if (best.length > count) best.pop();
      if (best.length === count) least = best.at(-1)?.rough ?? least;
    }
    return best;
  }

  #makeRoom(): void {
    const used = this.#ids.length;
    const room = Math.ceil(used * SPARE);
    const [numbers, steps] = [new Int8Array(room * this.#length), new Float64Array(room)];
    numbers.set(this.#numbers.subarray(0, used * this.#length));
    steps.set(this.#steps.subarray(0, used));
    [this.#numbers, this.#steps] = [numbers, steps];
  }
}
