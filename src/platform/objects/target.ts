/**
 * Decides: nothing itself: the one place in the world where the machines of one target are kept and moved.
 * Never: answers before what must not be forgotten is stored; counts may lose the last seconds.
 */
import { DurableObject } from "cloudflare:workers";
import { breakerStep } from "../../policy/resilience/breaker.ts";
import type { Lease } from "../../policy/resilience/breaker-state.ts";
import {
  type Grant,
  newQuota,
  type QuotaEvent,
  type QuotaState,
  quotaLeft,
  quotaStep,
} from "../../policy/resilience/quota.ts";
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
import { memorableOf, newTarget, type TargetState, withNews } from "./target-machine.ts";
import { latestStats, noHours, quantileOf, type StatsHours, withStats } from "./target-stats.ts";

/** Milliseconds. How much of the counts an eviction may cost. */
const FLUSH_MS = 5_000;
/** Milliseconds without a word after which an isolate's calls are not counted any more. */
const ISOLATE_SILENT_MS = 3_000;

type Kept = { readonly target: TargetState; readonly stats: StatsHours; readonly revision: number };

export class TargetObject extends DurableObject<Env> implements TargetCalls, TargetAdminCalls {
  private kept: Kept;
  private quota: QuotaState;
  private flushing = false;
  private readonly inFlight = new Map<string, { readonly calls: number; readonly at: number }>();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const { kv } = ctx.storage;
    this.kept = kv.get<Kept>("kept") ?? { target: newTarget, stats: noHours, revision: 0 };
    this.quota = kv.get<QuotaState>("quota") ?? newQuota;
  }

  async report({ rules, isolate, inFlight, news, stats, corrections }: Report): Promise<Snapshot> {
    const now = this.now();
    this.inFlight.set(isolate, { calls: inFlight, at: now });
    const circumstances = { now, random: Math.random, rules: rules.breaker };
    await this.keep({
      ...this.kept,
      target: withNews(this.kept.target, news, circumstances),
      stats: withStats(this.kept.stats, now, stats),
    });
    for (const correction of corrections) this.moveQuota(rules, { type: "correct", ...correction });
    const { firstToken } = latestStats(this.kept.stats, now);
    return {
      state: this.kept.target,
      inFlightElsewhere: this.elsewhere(isolate, now),
      quota: quotaLeft(this.quota, now, rules.limits),
      firstTokenP50: quantileOf(firstToken, 0.5),
      firstTokenP95: quantileOf(firstToken, 0.95),
    };
  }

  async probe(rules: Rules, leaseMs: number): Promise<Probe> {
    const lease = await this.moveBreaker(rules, { type: "probe", leaseMs });
    return { lease, state: this.kept.target };
  }

  async renew(rules: Rules, epoch: number, leaseMs: number): Promise<void> {
    await this.moveBreaker(rules, { type: "renew", epoch, leaseMs });
  }

  async take({ rules, ...wish }: Taking): Promise<Grant> {
    // An object that was asked and has no rule against it lets everything through.
    const granted = { granted: true, amount: wish.need } as const;
    return this.moveQuota(rules, { type: "take", ...wish }) ?? granted;
  }

  async force(rules: Rules, to: "closed" | "isolated" | "auto", revision: number): Promise<void> {
    if (revision <= this.kept.revision) return;
    this.kept = { ...this.kept, revision };
    await this.moveBreaker(rules, { type: "force", to });
    this.store();
  }

  async look(rules: Rules): Promise<TargetView> {
    const now = this.now();
    await this.moveBreaker(rules, { type: "look" });
    const quota = quotaLeft(this.quota, now, rules.limits);
    return { state: this.kept.target, quota, stats: latestStats(this.kept.stats, now) };
  }

  override async alarm(): Promise<void> {
    this.flushing = false;
    this.store();
  }

  private async moveBreaker(
    rules: Rules,
    event: Parameters<typeof breakerStep>[1],
  ): Promise<Lease | undefined> {
    const { target } = this.kept;
    const step = breakerStep(target.breaker, event, Date.now(), Math.random, rules.breaker);
    await this.keep({ ...this.kept, target: { ...target, breaker: step.state } });
    return step.output;
  }

  /** Stores at once what must not be forgotten, and counts within seconds. */
  private async keep(next: Kept): Promise<void> {
    const before = this.kept;
    this.kept = next;
    if (memorableOf(before.target) !== memorableOf(next.target)) this.store();
    else if (!this.flushing && next.stats !== before.stats) {
      this.flushing = true;
      await this.ctx.storage.setAlarm(Date.now() + FLUSH_MS, { allowUnconfirmed: true });
    }
  }

  private store(): void {
    this.ctx.storage.kv.put("kept", this.kept);
  }

  private moveQuota(rules: Rules, event: QuotaEvent): Grant | undefined {
    if (rules.limits.length === 0) return undefined;
    const { state, output } = quotaStep(this.quota, event, this.now(), rules.limits);
    if (state !== this.quota) this.ctx.storage.kv.put("quota", state);
    this.quota = state;
    return output;
  }

  private elsewhere(isolate: string, now: number): number {
    let calls = 0;
    for (const [name, seen] of this.inFlight) {
      if (now - seen.at > ISOLATE_SILENT_MS) this.inFlight.delete(name);
      else if (name !== isolate) calls += seen.calls;
    }
    return calls;
  }

  /** Never before what the machines have seen. */
  private now(): number {
    return Math.max(Date.now(), this.kept.target.breaker.at);
  }
}
