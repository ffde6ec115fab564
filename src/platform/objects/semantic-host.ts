/**
 * Decides: how the turns of one scope are kept and looked through: storage and time round semantic-core.ts.
 * Never: holds more entries than an object's memory does.
 */
import type { Verdict } from "../../policy/cache/semantic/trust.ts";
import type { Looked, SemanticCalls } from "./semantic-calls.ts";
import { type NewRow, SemanticCore } from "./semantic-core.ts";
import { SemanticRows } from "./semantic-rows.ts";

/** Bytes: well below half of what an object has. */
const MOST_MEMORY = 48 * 1024 * 1024;
/** Bytes of an entry beside its vector: a sealed turn, its names, and where they stand. */
const ENTRY = 1_500;
/** Milliseconds between two looks for what has expired unasked. */
const SWEEP_MS = 3_600_000;
/** Ids that Vectorize deletes at once. */
const MOST_DELETED = 100;

export class SemanticHost implements SemanticCalls {
  readonly #storage: DurableObjectStorage;
  /** Undefined: this deployment has no Vectorize. */
  readonly #vectors: Pick<Vectorize, "deleteByIds"> | undefined;
  readonly #rows: SemanticRows;
  readonly #core: SemanticCore;
  #sweeping = false;

  constructor(storage: DurableObjectStorage, vectors: Pick<Vectorize, "deleteByIds"> | undefined) {
    this.#storage = storage;
    this.#vectors = vectors;
    this.#rows = new SemanticRows(storage);
    this.#core = new SemanticCore((id) => this.#rows.vector(id));
    this.#core.restore(this.#rows.all(), this.#rows.tally());
  }

  async search(partition: string, vector: Float32Array, limit: number): Promise<Looked> {
    const found = this.#core.search(partition, vector, Date.now(), limit);
    return { found, tally: this.#core.tally };
  }

  async insert(row: NewRow, maxEntries: number): Promise<void> {
    const now = Date.now();
    const most = Math.min(maxEntries, Math.floor(MOST_MEMORY / (ENTRY + row.vector.length)));
    const gone = this.#core.insert(row, now, most);
    try {
      this.#rows.insert(row, now, gone);
    } catch (error) {
      this.#core.remove(row.id);
      throw error;
    }
    await this.#sweepLater();
  }

  async used(id: string): Promise<void> {
    const change = this.#core.used(id, Date.now());
    if (change !== undefined) this.#rows.used(id, change);
  }

  async learn(id: string, doubt: number, verdict: Verdict): Promise<void> {
    const trust = this.#core.learn(id, doubt, verdict);
    this.#rows.learnt(id, trust, this.#core.tally);
  }

  async elsewhere(id: string, expiresAt: number, maxEntries: number): Promise<readonly string[]> {
    this.#rows.note(id, expiresAt);
    await this.#sweepLater();
    return this.#rows.overdue(Date.now(), maxEntries, MOST_DELETED);
  }

  async deleted(ids: readonly string[]): Promise<void> {
    this.#rows.forget(ids);
  }

  /** A scope that nobody asks in any more is empty soon after its last entry has expired. */
  async alarm(): Promise<void> {
    this.#sweeping = false;
    const now = Date.now();
    this.#rows.remove(this.#core.expire(now));
    const left = await this.#sweepElsewhere(now);
    if (left || this.#core.size > 0) await this.#sweepLater();
  }

  /** Whether some are still there. */
  async #sweepElsewhere(now: number): Promise<boolean> {
    const all = Number.POSITIVE_INFINITY;
    for (;;) {
      const gone = this.#rows.overdue(now, all, MOST_DELETED);
      if (gone.length === 0) break;
      await this.#vectors?.deleteByIds([...gone]);
      this.#rows.forget(gone);
    }
    return this.#rows.overdue(all, all, 1).length > 0;
  }

  async #sweepLater(): Promise<void> {
    if (this.#sweeping) return;
    this.#sweeping = true;
    await this.#storage.setAlarm(Date.now() + SWEEP_MS);
  }
}
