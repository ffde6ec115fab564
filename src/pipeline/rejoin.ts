/**
 * Decides: how those who have been given the same words when their stream breaks off go on together: the first of
 * them goes on by itself, and the others are given what it is given.
 * Never: brings those together who have been given something else.
 */
import type { ChatEvent } from "../domain/event.ts";
import { prefillSplice, verifySplice } from "../policy/resilience/recovery.ts";
import type { Deps } from "../ports.ts";
import { firstShown, liveOf, type ShownLive } from "./follow.ts";
import { lineOn } from "./lines.ts";
import { meet } from "./meet.ts";
import { isGiven, type Run } from "./run.ts";
import type { Sought } from "./sought.ts";
import type { Live } from "./trial.ts";
import { createWatchdog } from "./watchdog.ts";

/** What a stream has said when it broke off, and how long the request may last (milliseconds since the epoch). */
type BrokenOff = {
  readonly from: Live;
  readonly said: readonly ChatEvent[];
  readonly text: string;
  readonly totalAt: number;
};

/** Who has asked the same and has been given the same so far; no word of either stands in it. */
const nameOf = async (deps: Deps, run: Run, { flight }: Sought, text: string): Promise<string> => {
  const digest = await deps.cache.name(run.ask.caller.tenant, `${flight}\n${text}`);
  return `${flight} ${digest}`;
};

const goneOnWith = async (
  deps: Deps,
  run: Run,
  shown: ShownLive,
  joined: Parameters<typeof liveOf>[2],
  { from, said, text, totalAt }: BrokenOff,
): Promise<Live | undefined> => {
  const { record, permit } = run;
  const { target, splice } = shown;
  const mayBeGiven = permit === undefined || permit.holds.has(target.model);
  if (splice === undefined || !mayBeGiven) return undefined;
  const joint = splice === "prefill" ? prefillSplice(text) : verifySplice(text);
  run.mustTell = true;
  const { recovered } = run;
  run.recovered = {
    from: recovered?.from ?? from.target.model,
    ...{ to: target.model, at_chars: text.length },
  };
  const line = lineOn(run, target, said, joint, deps.clock.now());
  const live = await liveOf(deps, run, joined, shown, line, { totalAt, toTheEnd: false });
  if (live === undefined) {
    run.recovered = recovered;
    return undefined;
  }
  record.model = target.model;
  record.provider = target.provider;
  return live;
};

/** What another goes on with; undefined: this request goes on by itself, and others may follow it. */
export const rejoin = async (
  deps: Deps,
  run: Run,
  sought: Sought,
  broken: BrokenOff,
): Promise<Live | undefined> => {
  const isOwn = !isGiven(run.record);
  const name = await nameOf(deps, run, sought, broken.text);
  const patience = createWatchdog(deps.clock, run.ask.signal, broken.totalAt);
  patience.watch("total", Number.POSITIVE_INFINITY);
  let joined = await meet(deps, run, sought, name, undefined);
  // Who has asked himself pays himself; the others follow him if he is the first.
  while (joined !== undefined && !isOwn && patience.cause() === undefined) {
    const shown = await firstShown(joined, patience.signal);
    if (shown?.answer.kind === "live") {
      const live = await goneOnWith(deps, run, { ...shown, answer: shown.answer }, joined, broken);
      if (live !== undefined) {
        patience.rest();
        return live;
      }
    }
    joined = await meet(deps, run, sought, name, joined.ahead());
  }
  patience.rest();
  return undefined;
};
