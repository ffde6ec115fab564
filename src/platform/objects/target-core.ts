/**
 * Decides: what the object of a target does when it is asked: moves the machines and remembers.
 * Never: answers before what must not be forgotten is written; counts may lose the last seconds.
 */
import type { Random } from "../../base/clock.ts";
import { type BreakerEvent, breakerStep } from "../../policy/resilience/breaker.ts";
import type { Lease } from "../../policy/resilience/breaker-state.ts";
import {
  type Grant,
  newQuota,
  type QuotaEvent,
  type QuotaState,
  quotaFreeAt,
  quotaLeft,
  quotaStep,
} from "../../policy/resilience/quota.ts";
import type { Rules, TargetAdminCalls, TargetCalls } from "./target-calls.ts";
import type { FlushSoon } from "./target-flush.ts";
import { memorableOf, newTarget, type TargetState, withNews } from "./target-machine.ts";
import { latestStats, noHours, quantileOf, type StatsHours, withStats } from "./target-stats.ts";

/** Milliseconds without a word after which an isolate's calls are not counted any more. */
const ISOLATE_SILENT_MS = 3_000;

export type Kept = {
  readonly target: TargetState;
  readonly stats: StatsHours;
  /** Of the operator's last wish. */
  readonly revision: number;
};

export type TargetStorage = {
  readonly kept: Kept | undefined;
  readonly quota: QuotaState | undefined;
  keep(kept: Kept): void;
  keepQuota(quota: QuotaState): void;
  /** Counts have changed: `flush` is to be called. */
  readonly flushSoon: FlushSoon;
};

export type TargetCore = TargetCalls & TargetAdminCalls & { flush(): void };

export const createTargetCore = (
  storage: TargetStorage,
  time: () => number,
  random: Random,
): TargetCore => {
  let kept = storage.kept ?? { target: newTarget, stats: noHours, revision: 0 };
  let quota = storage.quota ?? newQuota;
  const inFlight = new Map<string, { readonly calls: number; readonly at: number }>();

  /** Never before what the machines have seen. */
  const now = (): number => Math.max(time(), kept.target.breaker.at);

  const become = (next: Kept, hasFailed = false): void => {
    const before = kept;
    kept = next;
    const isMemorable =
      next.revision !== before.revision || memorableOf(next.target) !== memorableOf(before.target);
    if (isMemorable) storage.keep(kept);
    else if (next.stats !== before.stats) storage.flushSoon(hasFailed);
  };

  const moveBreaker = (rules: Rules, event: BreakerEvent, revision = kept.revision) => {
    const { target } = kept;
    const step = breakerStep(target.breaker, event, now(), random, rules.breaker);
    become({ ...kept, revision, target: { ...target, breaker: step.state } });
    return step.output;
  };

  const moveQuota = (rules: Rules, event: QuotaEvent): Grant | undefined => {
    if (rules.limits.length === 0) return undefined;
    const { state, output } = quotaStep(quota, event, now(), rules.limits);
    if (state !== quota) storage.keepQuota(state);
    quota = state;
    return output;
  };

  const elsewhere = (isolate: string): number => {
    let calls = 0;
    for (const [name, seen] of inFlight) {
      if (now() - seen.at > ISOLATE_SILENT_MS) inFlight.delete(name);
      else if (name !== isolate) calls += seen.calls;
    }
    return calls;
  };

  return {
    async report({ rules, isolate, inFlight: calls, news, stats, corrections }) {
      inFlight.set(isolate, { calls, at: now() });
      const target = withNews(kept.target, news, { now: now(), random, rules: rules.breaker });
      const hasFailed = news.some((each) => each.about === "calls" && each.result.kind !== "ok");
      become({ ...kept, target, stats: withStats(kept.stats, now(), stats) }, hasFailed);
      for (const correction of corrections) moveQuota(rules, { type: "correct", ...correction });
      const { firstToken } = latestStats(kept.stats, now());
      return {
        state: kept.target,
        inFlightElsewhere: elsewhere(isolate),
        quota: quotaLeft(quota, now(), rules.limits),
        quotaFreeAt: quotaFreeAt(quota, now(), rules.limits),
        firstTokenP50: quantileOf(firstToken, 0.5),
        firstTokenP95: quantileOf(firstToken, 0.95),
      };
    },

    async probe(rules, leaseMs) {
      const lease: Lease | undefined = moveBreaker(rules, { type: "probe", leaseMs });
      return { lease, state: kept.target };
    },

    async renew(rules, epoch, leaseMs) {
      moveBreaker(rules, { type: "renew", epoch, leaseMs });
    },

    async take({ rules, ...wish }) {
      const unlimited = { granted: true, amount: wish.need, at: now() } as const;
      return moveQuota(rules, { type: "take", ...wish }) ?? unlimited;
    },

    async force(rules, to, revision) {
      if (revision <= kept.revision) return;
      moveBreaker(rules, { type: "force", to }, revision);
      // Whoever lets calls through again wants them made with the keys that have just been repaired.
      if (to !== "isolated") become({ ...kept, target: { ...kept.target, credentials: {} } });
    },

    async look(rules) {
      moveBreaker(rules, { type: "look" });
      return {
        state: kept.target,
        quota: quotaLeft(quota, now(), rules.limits),
        stats: latestStats(kept.stats, now()),
      };
    },

    flush: () => storage.keep(kept),
  };
};
