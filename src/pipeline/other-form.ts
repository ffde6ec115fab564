/**
 * Decides: how an answer of one form is given to one who follows in the other: a stream as a whole once it has
 * ended, a whole answer as a stream.
 * Never: waits for anything, or gives what the other form cannot say.
 */
import type { ChatResponse } from "../domain/chat.ts";
import type { Target } from "../domain/target.ts";
import type { Deps } from "../ports.ts";
import type { Shown } from "../ports-cache.ts";
import { madeOfStream } from "./keep.ts";
import { type Line, noFacts } from "./line.ts";
import { parseJson } from "./read-whole.ts";
import { noteSaved, replayed } from "./replay.ts";
import type { Run } from "./run.ts";
import { speech } from "./speech.ts";
import type { Live, Whole } from "./trial.ts";
import type { Watchdog } from "./watchdog.ts";
import { named, writeWhole } from "./write-answer.ts";

type ShownWhole = Extract<Shown["answer"], { readonly kind: "whole" }>;

const encoder = new TextEncoder();

/** No dialect streams these. */
const UNSTREAMED: ReadonlySet<string> = new Set(["image", "file", "audio"]);
const isStreamable = ({ choices }: ChatResponse): boolean =>
  choices.every(({ content }) => content.every(({ type }) => !UNSTREAMED.has(type)));

/** The stream whose frames have passed through `line`, to its end; undefined where it was none. */
export const asWhole = (deps: Deps, run: Run, target: Target, line: Line): Whole | undefined => {
  const now = deps.clock.now();
  const made = madeOfStream(run, { line, target }, now);
  if (made === undefined || !made.isComplete) return undefined;
  const { model, provider } = target;
  const text = replayed(run, { kept: made.kept, model, provider }, now);
  const json = text === undefined ? undefined : parseJson(text);
  if (text === undefined || json === undefined) return undefined;
  const ended = () => noteSaved(run, target, line.facts.usage);
  return { kind: "whole", text, json: json as Record<string, unknown>, ended };
};

const modelIn = ({ json: { model } }: ShownWhole): string | undefined =>
  typeof model === "string" ? model : undefined;

/** In the caller's own dialect; undefined where it cannot be read, or not be streamed. */
const bodyOf = (
  deps: Deps,
  { ask }: Run,
  { target, passes }: Shown,
  { text, json }: ShownWhole,
): string | undefined => {
  const decoded = speech(target).response.decode(json);
  if (!decoded.ok || !isStreamable(decoded.value)) return undefined;
  if (passes) return text;
  return writeWhole(ask, named(decoded.value, target), target.dialect, deps.clock.now());
};

/** All of it at once. */
export const asStream = (
  deps: Deps,
  run: Run,
  shown: Shown,
  answer: ShownWhole,
  watchdog: Watchdog,
): Live | undefined => {
  const { target } = shown;
  const { model, provider } = target;
  const body = bodyOf(deps, run, shown, answer);
  if (body === undefined) return undefined;
  const given = { kept: { form: "whole", body }, model, provider } as const;
  const text = replayed(run, given, deps.clock.now());
  if (text === undefined) return undefined;
  const usage = speech(target).response.usage(answer.json);
  const seen = { begun: true, content: true, finished: true, ended: true };
  const line: Line = {
    facts: { ...noFacts(), ...seen, usage, model: modelIn(answer) ?? target.upstream },
    ...{ take: () => [], finish: () => [] },
    ...{ said: () => undefined, own: () => undefined, frames: () => undefined },
  };
  const source = {
    next: async () => ({ end: "eof", rest: undefined }) as const,
    cancel: () => watchdog.close(),
    rest: async () => watchdog.rest(),
  };
  const opening = [encoder.encode(text)];
  const ended = () => noteSaved(run, target, usage);
  return { kind: "live", target, source, line, watchdog, opening, complete: true, ended };
};
