/**
 * Decides: how operators see the targets, and how their word reaches a breaker, on record.
 * Never: sends a word that is not in the audit.
 */
import { type Clock, within } from "../base/clock.ts";
import { err, ok, type Result } from "../base/result.ts";
import { type Failure, failure } from "../domain/error.ts";
import type { Target } from "../domain/target.ts";
import { healthStateOf, untilOf } from "../policy/resilience/breaker-health.ts";
import type { QuotaLeft } from "../policy/resilience/quota.ts";
import type { HealthState } from "../policy/routing/health.ts";
import { auditStatement, type By, fingerprint } from "./audit.ts";
import { objectNameOf } from "./health-parts.ts";
import type { Rules, TargetAdminCalls, TargetView } from "./objects/target-calls.ts";
import { quantileOf } from "./objects/target-stats.ts";

export type ForcedState = "closed" | "isolated" | "auto";

/** The running hour and the one before it; milliseconds and nano-USD. Undefined: nobody called. */
export type TargetReport = {
  readonly model: string;
  readonly provider: string;
  /** Undefined where the object could not be asked. */
  readonly state: HealthState | undefined;
  /** Milliseconds since the epoch. */
  readonly until: number | undefined;
  readonly requests: number;
  readonly failures: number;
  readonly p50: number | undefined;
  readonly p99: number | undefined;
  readonly firstTokenP50: number | undefined;
  readonly costNanoUsd: number;
  readonly quota: readonly QuotaLeft[];
};

export type TargetsAdmin = {
  reports(targets: readonly Target[]): Promise<readonly TargetReport[]>;
  /** What the target is like afterwards; `internal_error` where the word is on record but was not heard. */
  force(target: Target, to: ForcedState, by: By): Promise<Result<TargetReport, Failure>>;
};

export type TargetsAdminParts = {
  readonly db: D1Database;
  readonly clock: Clock;
  readonly objects: (name: string) => TargetAdminCalls;
  /** Makes this isolate hear what its object says now; the others do so with their next call. */
  readonly refresh: (target: Target) => Promise<void>;
};

/** Milliseconds. */
const LOOK_WITHIN = 2_000;
/** Objects asked at once. */
const AT_ONCE = 25;
const TRIES = 2;

const rulesOf = ({ breaker, limits }: Target): Rules => ({ breaker, limits });

const reportOf = ({ model, provider }: Target, view: TargetView | undefined): TargetReport => {
  const quantile = (which: "total" | "firstToken", share: number) =>
    view && quantileOf(view.stats[which], share);
  return {
    ...{ model, provider },
    state: view && healthStateOf(view.state.breaker),
    until: view && untilOf(view.state.breaker),
    requests: view?.stats.requests ?? 0,
    failures: view?.stats.failures ?? 0,
    p50: quantile("total", 0.5),
    p99: quantile("total", 0.99),
    firstTokenP50: quantile("firstToken", 0.5),
    costNanoUsd: view?.stats.costNanoUsd ?? 0,
    quota: view?.quota ?? [],
  };
};

export const createTargetsAdmin = (parts: TargetsAdminParts): TargetsAdmin => {
  const { db, clock, objects, refresh } = parts;
  const look = async (target: Target): Promise<TargetReport> => {
    const view = await within(clock, LOOK_WITHIN, () =>
      objects(objectNameOf(target)).look(rulesOf(target)),
    );
    return reportOf(target, view);
  };

  /** Puts the wish on record; the revision that it got. */
  const record = async (target: Target, to: ForcedState, by: By): Promise<number> => {
    const name = objectNameOf(target);
    const before = await db
      .prepare("SELECT state FROM breakers WHERE target = ?")
      .bind(name)
      .first<string>("state");
    const at = clock.now();
    const [written] = await db.batch<{ revision: number }>([
      db
        .prepare(
          `INSERT INTO breakers (target, state, at, actor, revision) VALUES (?1, ?2, ?3, ?4, ?3)
           ON CONFLICT (target) DO UPDATE SET state = ?2, at = ?3, actor = ?4,
             revision = MAX(?3, breakers.revision + 1)
           RETURNING revision`,
        )
        .bind(name, to, at, by.actor),
      auditStatement(db, {
        ...by,
        at,
        action: "breaker.force",
        target: `breaker/${target.model}`,
        before: before === null ? undefined : await fingerprint({ state: before }),
        after: await fingerprint({ state: to }),
      }),
    ]);
    return written?.results[0]?.revision ?? at;
  };

  return {
    async reports(targets) {
      const reports: TargetReport[] = [];
      for (let from = 0; from < targets.length; from += AT_ONCE) {
        reports.push(...(await Promise.all(targets.slice(from, from + AT_ONCE).map(look))));
      }
      return reports;
    },

    async force(target, to, by) {
      const revision = await record(target, to, by);
      for (let tries = 0; tries < TRIES; tries += 1) {
        const heard = await within(clock, LOOK_WITHIN, async () => {
          await objects(objectNameOf(target)).force(rulesOf(target), to, revision);
          return true;
        });
        if (heard !== true) continue;
        await refresh(target);
        return ok(await look(target));
      }
      return err(failure("internal_error"));
    },
  };
};
