/**
 * Decides: nothing itself: the one place where the turns of one scope are kept and looked through. One object
 * for each scope of each organisation.
 * Never: more than storage and time round semantic-core.ts; never more entries than its memory holds.
 */
import { DurableObject } from "cloudflare:workers";
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

/** Only production has one. */
type Bindings = Env & { readonly VECTORS?: Vectorize };

export class SemanticIndexObject extends DurableObject<Env> implements SemanticCalls {
  private readonly rows: SemanticRows;
  private readonly core: SemanticCore;
  private sweeping = false;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.rows = new SemanticRows(ctx.storage);
    this.core = new SemanticCore((id) => this.rows.vector(id));
    this.core.restore(this.rows.all(), this.rows.tally());
  }

  async search(partition: string, vector: Float32Array, limit: number): Promise<Looked> {
    const found = this.core.search(partition, vector, Date.now(), limit);
    return { found, tally: this.core.tally };
  }

  async insert(row: NewRow, maxEntries: number): Promise<void> {
    const now = Date.now();
    const most = Math.min(maxEntries, Math.floor(MOST_MEMORY / (ENTRY + row.vector.length)));
    const gone = this.core.insert(row, now, most);
    try {
      this.rows.insert(row, now, gone);
    } catch (error) {
      this.core.remove([row.id]);
      throw error;
    }
    await this.sweepLater();
  }

  async used(id: string): Promise<void> {
    const change = this.core.used(id, Date.now());
    if (change !== undefined) this.rows.used(id, change);
  }

  async learn(id: string, doubt: number, verdict: Verdict): Promise<void> {
    const trust = this.core.learn(id, doubt, verdict);
    this.rows.learnt(id, trust, this.core.tally);
  }

  async elsewhere(id: string, expiresAt: number, maxEntries: number): Promise<readonly string[]> {
    this.rows.note(id, expiresAt);
    const gone = this.rows.overdue(Date.now(), maxEntries, MOST_DELETED);
    this.rows.forget(gone);
    await this.sweepLater();
    return gone;
  }

  /** A scope that nobody asks in any more is empty soon after its last entry has expired. */
  override async alarm(): Promise<void> {
    this.sweeping = false;
    const now = Date.now();
    this.rows.remove(this.core.expire(now));
    const left = await this.sweepElsewhere(now);
    if (left || this.core.size > 0) await this.sweepLater();
  }

  /** Whether some are still there. */
  private async sweepElsewhere(now: number): Promise<boolean> {
    const all = Number.POSITIVE_INFINITY;
    const { VECTORS } = this.env as Bindings;
    for (;;) {
      const gone = this.rows.overdue(now, all, MOST_DELETED);
      if (gone.length === 0) break;
      await VECTORS?.deleteByIds([...gone]);
      this.rows.forget(gone);
    }
    return this.rows.overdue(all, all, 1).length > 0;
  }

  private async sweepLater(): Promise<void> {
    if (this.sweeping) return;
    this.sweeping = true;
    await this.ctx.storage.setAlarm(Date.now() + SWEEP_MS);
  }
}
