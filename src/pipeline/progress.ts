/**
 * Decides: how often a stream's progress is written down, so that what a crash leaves is charged about right:
 * every five seconds, and every 512 events of a fast one (machines.md section 3).
 * Never: holds up the stream.
 */
import { costOf } from "../policy/usage/cost.ts";
import type { Deps } from "../ports.ts";
import { actualOf, NOTHING, sum } from "./bill.ts";
import { isGiven, type Run } from "./run.ts";

const EVERY_MS = 5_000;
/** An event brings a token or a few. */
const EVERY_EVENTS = 512;
/** Milliseconds. A stream that comes all at once is over before it is worth a word. */
const AT_MOST_EVERY_MS = 1_000;

/** To be told how many events of the running attempt have passed. */
export const progressOf = (deps: Deps, run: Run): ((events: number) => void) => {
  const { permit, ask } = run;
  if (permit === undefined) return () => {};
  let toldAt = deps.clock.now();
  let told = 0;
  return (events) => {
    const now = deps.clock.now();
    const passed = now - toldAt;
    if (passed < AT_MOST_EVERY_MS) return;
    if (passed < EVERY_MS && events - told < EVERY_EVENTS) return;
    // What was given without asking anybody uses nothing.
    if (isGiven(run.record)) return;
    toldAt = now;
    told = events;
    // The input of this attempt and all that was paid before it, and what has come since.
    const { total, byModel } = actualOf(run.bill);
    const { model = permit.asking } = run.record;
    const serving = run.bill.entries.findLast(({ target }) => target.model === model)?.target;
    const written = costOf(serving?.price, { output_tokens: events }) ?? 0;
    const come = { tokens: events, nanoUsd: written };
    const at = { ...byModel, [model]: sum(byModel[model] ?? NOTHING, come) };
    deps.limiter.progress(ask.caller, ask.requestId, { ...sum(total, come), byModel: at });
  };
};
