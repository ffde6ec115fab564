/**
 * Decides: how a request is answered with what an equal one is given at the same time, and what becomes of it
 * when that one fails: it goes on by itself, from where it is.
 * Never: waits for one that is gone, or shows more than the other has.
 */
import { err, ok, type Result } from "../base/result.ts";
import type { Failure } from "../domain/error.ts";
import type { Target } from "../domain/target.ts";
import type { Plan } from "../policy/routing/plan.ts";
import { costOf } from "../policy/usage/cost.ts";
import type { Deps } from "../ports.ts";
import type { Following, Shown } from "../ports-cache.ts";
import type { Called } from "./call.ts";
import { type FrameSource, isEnd, type StreamEnd } from "./frame-source.ts";
import { isGood } from "./hold.ts";
import { lineFor } from "./lines.ts";
import type { Prepared } from "./prepare.ts";
import { giveFree } from "./replay.ts";
import type { Run } from "./run.ts";
import type { Ended, Live } from "./trial.ts";
import { broken } from "./trial.ts";
import { createWatchdog, type Watchdog } from "./watchdog.ts";

type Outcome = Result<Called, Failure | "caller_left">;
type ShownLive = Extract<Shown["answer"], { readonly kind: "live" }>;

export type Follow = {
  readonly plan: Plan;
  readonly totalAt: number;
  readonly toTheEnd: boolean;
};

/** The other's frames, as if they came from a provider. */
const sourceOf = (joined: Following, { frames }: ShownLive, watchdog: Watchdog): FrameSource => {
  let at = 0;
  const ended = (): StreamEnd | undefined => {
    const cause = watchdog.cause();
    if (cause === "caller") return { end: "caller" };
    if (cause !== undefined) return { end: "timeout", phase: cause };
    if (joined.state() === "over") return { end: "eof", rest: undefined };
    return joined.state() === "lost" ? { end: "cut" } : undefined;
  };
  return {
    next: async () => {
      for (;;) {
        const all = frames();
        if (all === undefined) return { end: "cut" };
        if (at < all.length) {
          const batch = all.slice(at);
          at = all.length;
          return batch;
        }
        const end = ended();
        if (end !== undefined) return end;
        await joined.next(watchdog.signal);
      }
    },
    cancel: () => watchdog.close(),
  };
};

/** What the answer would have cost is what was saved. */
const savedBy =
  (run: Run, { price }: Target): Ended =>
  (_, { reported }) => {
    if (run.record.attempts === 0) run.savedNanoUsd = (reported && costOf(price, reported)) ?? 0;
  };

/** The stream from its beginning; undefined where it breaks off before it is to be shown. */
const liveOf = async (
  deps: Deps,
  run: Run,
  joined: Following,
  { target, answer }: Shown & { readonly answer: ShownLive },
  prepared: Prepared,
  { totalAt, toTheEnd }: Follow,
): Promise<Live | undefined> => {
  const watchdog = createWatchdog(deps.clock, run.ask.signal, totalAt);
  watchdog.watch("total", Number.POSITIVE_INFINITY);
  const source = sourceOf(joined, answer, watchdog);
  const line = lineFor(run, target, prepared, deps.clock.now());
  const opening: Uint8Array[] = [];
  const { facts } = line;
  while (!facts.ended && (toTheEnd || !facts.content)) {
    const batch = await source.next();
    if (!isEnd(batch)) {
      opening.push(...line.take(batch));
      continue;
    }
    if (!isGood(facts, batch)) {
      source.cancel();
      return undefined;
    }
    opening.push(...line.finish());
    break;
  }
  watchdog.watch("idle", target.timeouts.idle_ms);
  const ended = savedBy(run, target);
  return { kind: "live", target, source, line, watchdog, opening, complete: toTheEnd, ended };
};

const calledWith = async (
  deps: Deps,
  run: Run,
  joined: Following,
  shown: Shown,
  follow: Follow,
): Promise<Called | undefined> => {
  const { target, passes, dropped, answer } = shown;
  const prepared: Prepared = { body: "", dropped, passes };
  // Should this one have to go on by itself, everybody can still be asked.
  const called = { target, prepared, unasked: follow.plan.targets[Symbol.iterator]() };
  const { record } = run;
  const before = { model: record.model, provider: record.provider };
  record.cache = "hit";
  record.model = target.model;
  record.provider = target.provider;
  if (answer.kind === "whole") {
    return { ...called, answer: { ...answer, ended: savedBy(run, target) } };
  }
  const live = await liveOf(deps, run, joined, { ...shown, answer }, prepared, follow);
  if (live !== undefined) return { ...called, answer: live };
  Object.assign(record, { cache: "miss", ...before });
  return undefined;
};

/** Waits until something is shown, or nothing will be. */
const firstShown = async (joined: Following, signal: AbortSignal): Promise<Shown | undefined> => {
  for (;;) {
    const shown = joined.shown();
    const isLost = joined.state() === "lost" || joined.state() === "found";
    if (shown !== undefined && !(isLost && shown.answer.kind === "live")) return shown;
    if (isLost || joined.state() === "over" || signal.aborted) return undefined;
    await joined.next(signal);
  }
};

/**
 * Who asks the same need not be allowed the same: other models may be denied to his key, or he wants no fallback,
 * or a canary or a budget has led the other one elsewhere.
 */
const mayBeGiven = ({ plan }: Follow, { target }: Shown): boolean =>
  plan.targets.some(({ model }) => model === target.model);

/** What the equal request is given, or what `ask` brings once there is none. */
export const followOr = async (
  deps: Deps,
  run: Run,
  follow: Follow,
  ask: () => Promise<Outcome>,
): Promise<Outcome> => {
  const { sought } = run;
  if (sought?.joined === undefined) return ask();
  const patience = createWatchdog(deps.clock, run.ask.signal, follow.totalAt);
  patience.watch("total", Number.POSITIVE_INFINITY);
  let joined: Following | undefined = sought.joined;
  while (joined !== undefined) {
    const shown = await firstShown(joined, patience.signal);
    if (patience.cause() !== undefined) {
      const verdict = broken(patience, { fault: "timeout", phase: "total" });
      return err(verdict === "caller_left" ? verdict : verdict.failure);
    }
    if (shown !== undefined) {
      if (!mayBeGiven(follow, shown)) break;
      const called = await calledWith(deps, run, joined, shown, follow);
      if (called !== undefined) {
        patience.rest();
        giveFree(run, follow.plan.targets[0]);
        return ok(called);
      }
    }
    // Of those who are left behind one goes ahead, and the others follow it.
    joined = deps.flights.join(sought.flight);
  }
  patience.rest();
  sought.lead = deps.flights.lead(sought.flight);
  sought.lead.asking();
  return ask();
};
