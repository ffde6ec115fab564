/**
 * Decides: which way a target's frames take to this caller: passed through, translated, or spliced to
 * what another has said.
 * Never: differs for a provider; only dialects count.
 */

import { usd } from "../base/money.ts";
import type { StreamEncoder } from "../dialects/dialect.ts";
import type { ChatEvent } from "../domain/event.ts";
import type { Target } from "../domain/target.ts";
import { outputAsked } from "../policy/limits/output-asked.ts";
import type { Splice } from "../policy/resilience/recovery.ts";
import { costOf } from "../policy/usage/cost.ts";
import { costOfAll } from "./bill.ts";
import { charged } from "./charge.ts";
import { heardOf } from "./heard.ts";
import { type Coda, type Line, noFacts } from "./line.ts";
import { createPassLine } from "./pass-line.ts";
import { type Prepared, wantsUsage } from "./prepare.ts";
import { cacheOf, isGiven, type Run } from "./run.ts";
import { speech } from "./speech.ts";
import { createSpliceLine } from "./splice-line.ts";
import { createTranslateLine } from "./translate-line.ts";
import { streamWriter } from "./write-answer.ts";

/** Nano-USD of the attempts that have ended: they are paid, too. */
const costBefore = ({ bill }: Run): number =>
  costOfAll({ entries: bill.entries.filter(({ usage }) => usage !== undefined) }) ?? 0;

/** USD of all attempts and of this answer, which is over but for its last word: as it is going to be charged. */
const costOfLine = (run: Run, target: Target, line: Pick<Line, "facts" | "own">): number | null => {
  if (isGiven(run.record)) return 0;
  const { usage } = charged({
    ...{ target, heard: heardOf(line), sizes: run.sizes() },
    ...{ bytes: run.ask.body.text.length, isInputOnly: false },
  });
  const cost = costOf(target.price, usage);
  return cost === undefined ? null : usd(costBefore(run) + cost);
};

/** The `headgate` object in the last event. */
const codaFor =
  (run: Run, target: Target): Coda =>
  (line) => ({
    model: target.model,
    provider: target.provider,
    cost_usd: costOfLine(run, target, line),
    cache: cacheOf(run.record),
    attempts: run.record.attempts,
    ...(run.recovered === undefined ? {} : { recovered: run.recovered }),
  });

/** Writes for the caller. `now`: milliseconds since the epoch, for dialects whose chunks carry a time. */
const encoderFor = (run: Run, target: Target, line: () => Line, now: number): StreamEncoder => {
  const coda = codaFor(run, target);
  return streamWriter(run.ask, target.dialect, now, {
    coda: () => coda(line()),
    mustTell: () => run.mustTell,
  });
};

const answersOf = ({ ask }: Run): number => outputAsked(ask.dialect, ask.body.value).answers;

/** The way of a whole new answer after another: in the caller's dialect, with the coda at its end. */
export const lineAfresh = (run: Run, target: Target, now: number): Line => {
  const write = encoderFor(run, target, () => line, now);
  const line: Line = createTranslateLine(speech(target), noFacts(answersOf(run)), write);
  return line;
};

/** The way of a first answer. */
export const lineFor = (run: Run, target: Target, prepared: Prepared, now: number): Line => {
  if (!prepared.passes) {
    return lineAfresh(run, target, now);
  }
  return createPassLine(speech(target), {
    answers: answersOf(run),
    usageChunk: run.ask.dialect === "openai-chat" ? wantsUsage(run.ask) : undefined,
    coda: codaFor(run, target),
    mustTell: () => run.mustTell,
  });
};

/** The way of an answer that goes on from what was said. */
export const lineOn = (
  run: Run,
  target: Target,
  said: readonly ChatEvent[],
  splice: Splice,
  now: number,
): Line => {
  const write = encoderFor(run, target, () => line, now);
  const facts = noFacts(answersOf(run));
  const line: Line = createSpliceLine(speech(target), facts, write, said, splice);
  return line;
};
