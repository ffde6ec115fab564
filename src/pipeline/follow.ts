/**
 * Decides: how a request is answered with what an equal one is given at the same time, in this isolate or in
 * another, as a stream or as a whole; and what becomes of it when that one fails: another goes ahead, or it itself.
 * Never: waits for one that is gone, or shows more than the other has.
 */
import { err, ok } from "../base/result.ts";
import type { Target } from "../domain/target.ts";
import type { Plan } from "../policy/routing/plan.ts";
import type { Deps } from "../ports.ts";
import type { Following, Shown } from "../ports-cache.ts";
import type { Called, CallOutcome } from "./call.ts";
import { type FrameSource, isEnd, type StreamEnd } from "./frame-source.ts";
import { isGood } from "./hold-back.ts";
import type { Line } from "./line.ts";
import { lineFor } from "./lines.ts";
import { joinElsewhere, meet } from "./meet.ts";
import { asStream, asWhole } from "./other-form.ts";
import type { Prepared } from "./prepare.ts";
import { giveFree, noteSaved } from "./replay.ts";
import type { Run } from "./run.ts";
import type { Sought } from "./sought.ts";
import { broken, type Ended, type Live } from "./trial.ts";
import { createWatchdog, type Watchdog } from "./watchdog.ts";

export type Follow = {
  readonly plan: Plan;
  readonly totalAt: number;
  readonly toTheEnd: boolean;
};

export type ShownLive = Shown & {
  readonly answer: Extract<Shown["answer"], { readonly kind: "live" }>;
};

/** The other's frames, as if they came from a provider. */
const sourceOf = (joined: Following, { answer }: ShownLive, watchdog: Watchdog): FrameSource => {
  const { frames } = answer;
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
    rest: async () => watchdog.rest(),
  };
};

/** Should this request go on by itself after all, nothing is saved: `settled.ts` sees to that. */
const savedBy =
  (run: Run, target: Target): Ended =>
  (_, { reported }) =>
    noteSaved(run, target, reported);

/** The stream from its beginning; undefined where it breaks off before it is to be shown. */
export const liveOf = async (
  deps: Deps,
  run: Run,
  joined: Following,
  shown: ShownLive,
  line: Line,
  { totalAt, toTheEnd }: Pick<Follow, "totalAt" | "toTheEnd">,
): Promise<Live | undefined> => {
  const { target } = shown;
  const watchdog = createWatchdog(deps.clock, run.ask.signal, totalAt);
  watchdog.watch("total", Number.POSITIVE_INFINITY);
  const source = sourceOf(joined, shown, watchdog);
  const opening: Uint8Array[] = [];
  const { facts } = line;
  while (!facts.ended && (toTheEnd || !facts.content)) {
    const batch = await source.next();
    if (!isEnd(batch)) {
      opening.push(...line.take(batch));
      if (facts.error === undefined && !facts.diverged) continue;
    }
    if (!isEnd(batch) || !isGood(facts, batch)) {
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

const isLive = (shown: Shown): shown is ShownLive => shown.answer.kind === "live";

/** What is shown, in the form that is asked for; undefined where it breaks off, or cannot be said in that form. */
const answerOf = async (
  deps: Deps,
  run: Run,
  joined: Following,
  shown: Shown,
  prepared: Prepared,
  follow: Follow,
): Promise<Called["answer"] | undefined> => {
  const { target, answer } = shown;
  const { clock } = deps;
  if (isLive(shown)) {
    const line = lineFor(run, target, prepared, clock.now());
    const toTheEnd = follow.toTheEnd || !run.stream;
    const live = await liveOf(deps, run, joined, shown, line, { ...follow, toTheEnd });
    if (run.stream || live === undefined) return live;
    live.watchdog.rest();
    return asWhole(deps, run, target, line);
  }
  if (answer.kind !== "whole") return undefined;
  if (!run.stream) return { ...answer, ended: savedBy(run, target) };
  const watchdog = createWatchdog(clock, run.ask.signal, follow.totalAt);
  return asStream(deps, run, shown, answer, watchdog);
};

const calledWith = async (
  deps: Deps,
  run: Run,
  joined: Following,
  shown: Shown,
  follow: Follow,
): Promise<Called | undefined> => {
  const { target, passes, dropped, answer } = shown;
  const { record } = run;
  const before = { model: record.model, provider: record.provider };
  record.cache = "hit";
  record.model = target.model;
  record.provider = target.provider;
  const prepared: Prepared = { body: "", dropped, passes };
  const found = await answerOf(deps, run, joined, shown, prepared, follow);
  if (found === undefined) {
    Object.assign(record, { cache: "miss", ...before });
    return undefined;
  }
  // What was written in the other form is written for this caller already.
  const isOther = run.stream !== (answer.kind === "live");
  // Should this one have to go on by itself, everybody can still be asked.
  const unasked = follow.plan.targets[Symbol.iterator]();
  return {
    target,
    prepared: isOther ? { ...prepared, passes: true } : prepared,
    unasked,
    answer: found,
  };
};

/** Waits until something is shown, or nothing will be. */
export const firstShown = async (
  joined: Following,
  signal: AbortSignal,
): Promise<Shown | undefined> => {
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

/** What one of those ahead is given, or what `ask` brings once there is none. */
export const following = async (
  deps: Deps,
  run: Run,
  sought: Sought,
  follow: Follow,
  ask: () => Promise<CallOutcome>,
): Promise<CallOutcome> => {
  const { flight } = sought;
  const patience = createWatchdog(deps.clock, run.ask.signal, follow.totalAt);
  patience.watch("total", Number.POSITIVE_INFINITY);
  const ahead = run.permit?.granted.ahead ?? "";
  let joined: Following | undefined =
    sought.joined ?? (await joinElsewhere(deps, run, sought, flight, ahead));
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
    joined = await meet(deps, run, sought, flight, joined.ahead());
  }
  patience.rest();
  if (sought.lead === undefined) {
    sought.lead = deps.flights.lead(flight);
    sought.lead.asking();
  }
  return ask();
};
