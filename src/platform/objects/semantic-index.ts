/**
 * Decides: nothing: the one place in the world where the turns of one scope are kept. One object for each scope of
 * each organisation, and each kind of index.
 * Never: more than the door of semantic-host.ts, whose code is loaded where there is such an object.
 */
import { DurableObject } from "cloudflare:workers";
import type { Verdict } from "../../policy/cache/semantic/trust.ts";
import type { Looked, SemanticCalls } from "./semantic-calls.ts";
import type { NewRow } from "./semantic-core.ts";
import type { SemanticHost } from "./semantic-host.ts";

/** Only production has one. */
type Bindings = Env & { readonly VECTORS?: Vectorize };

export class SemanticIndexObject extends DurableObject<Bindings> implements SemanticCalls {
  private readonly host: Promise<SemanticHost>;

  constructor(ctx: DurableObjectState, env: Bindings) {
    super(ctx, env);
    this.host = ctx.blockConcurrencyWhile(async () => {
      const { SemanticHost } = await import("./semantic-host.ts");
      return new SemanticHost(ctx.storage, env.VECTORS);
    });
  }

  async search(partition: string, vector: Float32Array, limit: number): Promise<Looked> {
    return (await this.host).search(partition, vector, limit);
  }
  async insert(row: NewRow, maxEntries: number): Promise<void> {
    return (await this.host).insert(row, maxEntries);
  }
  async used(id: string): Promise<void> {
    return (await this.host).used(id);
  }
  async learn(id: string, doubt: number, verdict: Verdict): Promise<void> {
    return (await this.host).learn(id, doubt, verdict);
  }
  async elsewhere(id: string, expiresAt: number, maxEntries: number): Promise<readonly string[]> {
    return (await this.host).elsewhere(id, expiresAt, maxEntries);
  }
  async deleted(ids: readonly string[]): Promise<void> {
    return (await this.host).deleted(ids);
  }
  override async alarm(): Promise<void> {
    return (await this.host).alarm();
  }
}
