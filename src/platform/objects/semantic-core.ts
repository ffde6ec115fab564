/**
 * Decides: which entries an index of turns holds, finds and gives up. One scope, many partitions.
 * Never: reads a clock, stores or sends: the object around it keeps the rows, and gives full vectors on demand.
 */
import { cosineOf } from "../../policy/cache/semantic/embed.ts";
import { NEW_TALLY, type Tally, tallyStep } from "../../policy/cache/semantic/tally.ts";
import {
  NEW_TRUST,
  type Trust,
  trustStep,
  type Verdict,
} from "../../policy/cache/semantic/trust.ts";
import { quantise } from "./semantic-quantise.ts";
import { Shelf } from "./semantic-shelf.ts";

/** One row, as it is stored. Times in milliseconds since the epoch. */
export type IndexRow = {
  /** Names the kept answer too. */
  readonly id: string;
  /** The digest of `Asked.partition`. */
  readonly partition: string;
  readonly turn: string;
  /** Of length 1. */
  readonly vector: Float32Array;
  readonly expiresAt: number;
  readonly usedAt: number;
  readonly hits: number;
  readonly trust: Trust;
};

export type Found = Pick<IndexRow, "id" | "partition" | "turn" | "trust"> & {
  /** The cosine of the full vectors. */
  readonly similarity: number;
};

export type NewRow = Pick<IndexRow, "id" | "partition" | "turn" | "vector" | "expiresAt">;

type Item = Omit<IndexRow, "vector"> & { readonly shelf: string };

/** Looked at again in full precision. */
const SHORTLIST = 32;
/** An entry that was not used for that long is worth half. */
const HALF_LIFE_MS = 86_400_000;
/** A refuted entry serves few, whoever used it before. */
const REFUTED = 0.25;

/** What giving up an entry would lose: hits to come, guessed from those that were. */
const worth = ({ hits, usedAt, trust }: Item, now: number): number => {
  const refuted = trust.seen.filter(({ verdict }) => verdict === "refuted").length;
  const fading = 2 ** (-Math.max(0, now - usedAt) / HALF_LIFE_MS);
  return (1 + hits) * fading * REFUTED ** refuted;
};

/** Vectors of another length are of another embedder: they lie elsewhere and are never compared. */
const shelfOf = (partition: string, vector: Float32Array): string =>
  `${vector.length} ${partition}`;

/** Between equals: the same before and after a restart, in whatever order the rows come back. */
const byId = (a: { readonly id: string }, b: { readonly id: string }): number =>
  a.id < b.id ? -1 : 1;

export class SemanticCore {
  readonly #items = new Map<string, Item>();
  readonly #shelves = new Map<string, Shelf>();
  #tally: Tally = NEW_TALLY;
  readonly #fullVector: (id: string) => Float32Array | undefined;

  /** `fullVector`: of a row that was given to `insert` or `restore`; undefined where it is gone. */
  constructor(fullVector: (id: string) => Float32Array | undefined) {
    this.#fullVector = fullVector;
  }

  get size(): number {
    return this.#items.size;
  }

  /** What was learnt of the whole index: what `judge` is given, and what is stored beside the rows. */
  get tally(): Tally {
    return this.#tally;
  }

  restore(rows: Iterable<IndexRow>, tally: Tally): void {
    this.#tally = tally;
    for (const row of rows) this.#put(row);
  }

  /** Found at once. Returns the ids that had to go for it: expired ones, then the least valuable. */
  insert(row: NewRow, now: number, maxEntries: number): readonly string[] {
    this.#drop(row.id);
    const gone = this.expire(now);
    const least: string[] = [];
    while (this.#items.size > 0 && this.#items.size >= maxEntries) {
      const id = this.#leastWorth(now);
      this.#drop(id);
      least.push(id);
    }
    this.#put({ ...row, usedAt: now, hits: 0, trust: NEW_TRUST });
    return [...gone, ...least];
  }

  /** The most alike of the partition that have not expired, best first. Nothing of another partition is looked at. */
  search(partition: string, vector: Float32Array, now: number, limit: number): readonly Found[] {
    const counts = (id: string): boolean => now < (this.#items.get(id)?.expiresAt ?? 0);
    const shelf = this.#shelves.get(shelfOf(partition, vector));
    const near = shelf?.nearest(quantise(vector), Math.max(SHORTLIST, limit), counts) ?? [];
    return near
      .flatMap(({ id }) => {
        const [item, full] = [this.#items.get(id), this.#fullVector(id)];
        if (item === undefined || full === undefined) return [];
        const { turn, trust } = item;
        return [{ id, partition: item.partition, turn, trust, similarity: cosineOf(vector, full) }];
      })
      .sort((a, b) => b.similarity - a.similarity || byId(a, b))
      .slice(0, limit);
  }

  /** An entry was served: it is worth more. Returns what changed, for its row; undefined where it is gone. */
  used(id: string, now: number): Pick<IndexRow, "hits" | "usedAt"> | undefined {
    const item = this.#items.get(id);
    if (item === undefined) return undefined;
    const change = { hits: item.hits + 1, usedAt: Math.max(now, item.usedAt) };
    this.#items.set(id, { ...item, ...change });
    return change;
  }

  /** Learns of an entry and of the index. `doubt`: that of the judgement. Undefined where the entry is gone. */
  learn(id: string, doubt: number, verdict: Verdict): Trust | undefined {
    this.#tally = tallyStep(this.#tally, doubt, verdict);
    const item = this.#items.get(id);
    if (item === undefined) return undefined;
    const trust = trustStep(item.trust, doubt, verdict);
    this.#items.set(id, { ...item, trust });
    return trust;
  }

  /** Takes out what has expired; returns the ids. */
  expire(now: number): readonly string[] {
    const gone = [...this.#items.values()].filter(({ expiresAt }) => now >= expiresAt);
    for (const { id } of gone) this.#drop(id);
    return gone.map(({ id }) => id);
  }

  /** Takes out one that could not be stored. */
  remove(id: string): void {
    this.#drop(id);
  }

  #put({ vector, ...row }: IndexRow): void {
    this.#drop(row.id);
    const name = shelfOf(row.partition, vector);
    const shelf = this.#shelves.get(name) ?? new Shelf(vector.length);
    shelf.add(row.id, quantise(vector));
    this.#shelves.set(name, shelf);
    this.#items.set(row.id, { ...row, shelf: name });
  }

  #drop(id: string): void {
    const item = this.#items.get(id);
    if (item === undefined) return;
    this.#items.delete(id);
    const shelf = this.#shelves.get(item.shelf);
    shelf?.remove(id);
    if (shelf?.size === 0) this.#shelves.delete(item.shelf);
  }

  #leastWorth(now: number): string {
    let [least, lowest] = ["", Number.POSITIVE_INFINITY];
    for (const item of this.#items.values()) {
      const value = worth(item, now);
      if (value < lowest || (value === lowest && item.id < least)) {
        [least, lowest] = [item.id, value];
      }
    }
    return least;
  }
}
