/**
 * Decides: nothing itself: the one place in the world where the machines of one target are kept. One object
 * for each provider, upstream model and region.
 * Never: more than storage, time and chance round target-core.ts.
 */
import { DurableObject } from "cloudflare:workers";
import type { QuotaState } from "../../policy/resilience/quota.ts";
import { createClock } from "../clock.ts";
import type {
  Probe,
  Report,
  Rules,
  Snapshot,
  Taking,
  TargetAdminCalls,
  TargetCalls,
  TargetView,
} from "./target-calls.ts";
import { createTargetCore, type Kept, type TargetCore } from "./target-core.ts";
import { createFlushing } from "./target-flush.ts";

export class TargetObject extends DurableObject<Env> implements TargetCalls, TargetAdminCalls {
  private readonly core: TargetCore;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const { kv } = ctx.storage;
    const storage = {
      kept: kv.get<Kept>("kept"),
      quota: kv.get<QuotaState>("quota"),
      keep: (kept: Kept) => kv.put("kept", kept),
      keepQuota: (quota: QuotaState) => kv.put("quota", quota),
      flushSoon: createFlushing({
        clock: createClock(),
        flush: () => this.core.flush(),
        background: (work) => ctx.waitUntil(work),
      }),
    };
    this.core = createTargetCore(storage, () => Date.now(), Math.random);
  }

  report(report: Report): Promise<Snapshot> {
    return this.core.report(report);
  }
  probe(rules: Rules, leaseMs: number): Promise<Probe> {
    return this.core.probe(rules, leaseMs);
  }
  renew(rules: Rules, epoch: number, leaseMs: number): Promise<void> {
    return this.core.renew(rules, epoch, leaseMs);
  }
  take(taking: Taking) {
    return this.core.take(taking);
  }
  force(rules: Rules, to: "closed" | "isolated" | "auto", revision: number): Promise<void> {
    return this.core.force(rules, to, revision);
  }
  look(rules: Rules): Promise<TargetView> {
    return this.core.look(rules);
  }
}
