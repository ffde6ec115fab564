/**
 * Decides: what an isolate believes of one target: the object's state as last heard, moved on by what has
 * happened here since; and when the two are brought together again.
 * Never: lets a call wait for that.
 */
import { sleep, within } from "../base/clock.ts";
import type { Target } from "../domain/target.ts";
import { breakerStep } from "../policy/resilience/breaker.ts";
import type { CallResult } from "../policy/resilience/breaker-state.ts";
import { createCorrections } from "./health-corrections.ts";
import type { HealthParts } from "./health-parts.ts";
import type { Correction, Snapshot, TargetCalls } from "./objects/target-calls.ts";
import { type News, newTarget, type TargetState, withNews } from "./objects/target-machine.ts";
import { type CallFigures, statsOf } from "./objects/target-stats.ts";

/** Milliseconds. */
const SNAPSHOT_LIFE = 1_000;
const REPORT_WITHIN = 2_000;
/** After this time the request whose background a report ran in is taken to be gone, and the report with it. */
const ABANDONED_AFTER = 2_500;

export type Mirror = {
  readonly object: () => TargetCalls;
  readonly rules: () => { readonly breaker: Target["breaker"]; readonly limits: Target["limits"] };
  /** As of now. */
  state(): TargetState;
  snapshot(): Snapshot | undefined;
  /** Milliseconds since the epoch of the object's last word; of the beginning where it never said any. */
  heardAt(): number;
  /** The configuration that the next steps and reports go by. */
  follow(target: Target): void;
  /** Something happened here. `tell` is false for what concerns this isolate alone. */
  learn(news: News, tell?: boolean): void;
  /** A call ended: for the figures. */
  count(figures: CallFigures): void;
  correct(correction: Correction): void;
  /** Takes over what the object says its state is, with what it cannot know yet. */
  adopt(state: TargetState): void;
  /** Replaces the state by one that was worked out here. */
  predict(state: TargetState): void;
  /** Asks for a fresh snapshot in the background if the last one is too old. */
  freshen(): void;
  /** Asks for one now, and waits. */
  refresh(): Promise<void>;
};

/** Whether two results can be told as one. */
const joins = (a: CallResult, b: CallResult): boolean =>
  a.kind === b.kind && a.epoch === b.epoch && !a.probe && !b.probe && a.kind !== "throttle";

const joined = (a: CallResult, b: CallResult): CallResult => ({
  ...a,
  count: a.count + b.count,
  slow: a.slow + b.slow,
  firstToken: {
    sum: a.firstToken.sum + b.firstToken.sum,
    count: a.firstToken.count + b.firstToken.count,
  },
  total: { sum: a.total.sum + b.total.sum, count: a.total.count + b.total.count },
});

const LOOK = { type: "look" } as const;

/** What others have to know before a second has passed: everything but a plain success. */
const isUrgent = (news: News): boolean =>
  news.about === "credential" || news.result.kind !== "ok" || news.result.probe;

const isProbe = (news: News): boolean => news.about === "calls" && news.result.probe;

export const createMirror = (
  parts: HealthParts,
  isolate: string,
  name: string,
  first: Target,
  inFlight: () => number,
): Mirror => {
  const { clock, random, background } = parts;
  let target = first;
  let state = newTarget;
  let snapshot: Snapshot | undefined;
  let heardAt = clock.now();
  let pending: News[] = [];
  let figures: CallFigures[] = [];
  const corrections = createCorrections();
  /** The report under way. */
  let reporting: { readonly since: number } | undefined;
  let askedAt = 0;
  /** What the state was, and when it was last looked at. */
  let looked: TargetState | undefined;
  let lookedAt = 0;
  /** When a report was last put off until more has gathered. */
  let putOffAt = 0;

  const rules = () => ({ breaker: target.breaker, limits: target.limits });
  const moved = (from: TargetState, news: readonly News[]): TargetState =>
    withNews(from, news, { now: clock.now(), random, rules: target.breaker });

  const busy = (): boolean =>
    reporting !== undefined && clock.now() - reporting.since < ABANDONED_AFTER;

  const report = async (): Promise<void> => {
    const mine = { since: clock.now() };
    reporting = mine;
    askedAt = mine.since;
    const news = pending;
    const sent = corrections.take();
    const told = {
      ...{ rules: rules(), isolate, inFlight: inFlight(), news },
      ...{ stats: statsOf(figures), corrections: sent },
    };
    pending = [];
    figures = [];
    const answer = await within(clock, REPORT_WITHIN, () => parts.objects(name).report(told));
    const isLatest = reporting === mine;
    if (isLatest) reporting = undefined;
    if (answer === undefined) {
      // Counts that did not arrive are lost. A probe's result is not, nor a debt: telling it twice does no harm.
      pending = [...news.filter(isProbe), ...pending];
      corrections.restore(sent);
      return;
    }
    if (!isLatest) return;
    snapshot = answer;
    adopt(answer.state);
    if (pending.some(isUrgent)) send();
    else if (pending.length > 0) putOff();
  };

  const send = (): void => {
    if (!busy()) background(report());
  };
  const putOff = (): void => {
    if (busy() || clock.now() - putOffAt < ABANDONED_AFTER) return;
    putOffAt = clock.now();
    background(
      sleep(clock, SNAPSHOT_LIFE).then(() => {
        putOffAt = 0;
        return pending.length === 0 || busy() ? undefined : report();
      }),
    );
  };
  const adopt = (heard: TargetState): void => {
    heardAt = clock.now();
    state = moved(heard, pending);
  };

  return {
    rules,
    object: () => parts.objects(name),
    state: () => {
      const now = clock.now();
      // A request looks several times in one moment.
      if (looked === state && lookedAt === now) return state;
      const { breaker } = state;
      const { state: seen } = breakerStep(breaker, LOOK, now, random, target.breaker);
      state = seen === breaker ? state : { ...state, breaker: seen };
      looked = state;
      lookedAt = now;
      return state;
    },
    snapshot: () => snapshot,
    heardAt: () => heardAt,
    follow: (next) => {
      if (next !== target) looked = undefined;
      target = next;
    },
    learn: (news, tell = true) => {
      state = moved(state, [news]);
      if (!tell) return;
      const last = pending.at(-1);
      if (last?.about === "calls" && news.about === "calls" && joins(last.result, news.result)) {
        pending[pending.length - 1] = { about: "calls", result: joined(last.result, news.result) };
      } else pending.push(news);
      if (isUrgent(news)) send();
      else putOff();
    },
    count: (one) => {
      figures.push(one);
    },
    correct: corrections.add,
    adopt,
    predict: (next) => {
      state = next;
    },
    freshen: () => {
      if (clock.now() - askedAt >= SNAPSHOT_LIFE) send();
    },
    refresh: report,
  };
};
