/**
 * Decides: how strongly a conversation shows each signal, 0 to 1, and how much each signal counts.
 * Never: decides the tier; that is score.ts with the route's thresholds.
 */
import type { Gist } from "../request/gist.ts";
import { inputTokensOf } from "../request/input-tokens.ts";
import type { Excerpt } from "./excerpts.ts";
import { type Observed, observe } from "./observe.ts";
import { shapeOf } from "./shape.ts";

export type SignalName =
  | "length"
  | "code"
  | "maths"
  | "reasoning"
  | "multi_step"
  | "constraints"
  | "language"
  | "depth"
  | "tools"
  | "routine"
  | "closed"
  | "wording";

export type Signals = Readonly<Record<SignalName, number>>;

/** Chosen by hand so that the vectors of the tests fall where they belong; `signals` of a route overrides each. */
export const SIGNAL_WEIGHTS: Signals = {
  length: 0.3,
  code: 0.4,
  maths: 0.35,
  reasoning: 0.35,
  multi_step: 0.2,
  constraints: 0.15,
  language: 0.05,
  depth: 0.1,
  tools: 0.1,
  // What is done a thousand times a day needs no strong model, however long the text is.
  routine: -0.35,
  // The ordinary examination question stands on the border of simple and moderate; its wording moves it.
  closed: 0.25,
  wording: 0.5,
};

/** A closed question's length and symbols say little of its difficulty, its wording much; elsewhere the reverse. */
const CLOSED = { shown: 0.25, wording: 1 } as const;
const OPEN = { shown: 1, wording: 0.3 } as const;

/** Tokens at which length begins to count, and at which it counts whole. */
const SHORT = 48;
const LONG = 16_384;

/** Characters. A longer greeting wants something besides. */
const SMALL_TALK = 80;

/** 0 at nothing, 0.63 at `scale`, nearly 1 at three times that: the tenth proof adds little to the second. */
const saturated = (amount: number, scale: number): number => 1 - Math.exp(-amount / scale);

const between = (value: number): number => Math.min(1, Math.max(0, value));

const lengthOf = (tokens: number): number =>
  between(Math.log(Math.max(1, tokens) / SHORT) / Math.log(LONG / SHORT));

type Seen = { readonly excerpt: Excerpt; readonly observed: Observed };

/** The strongest showing in any excerpt, each by its weight. */
const strongest = (seen: readonly Seen[], measure: (observed: Observed) => number): number =>
  seen.reduce(
    (most, { excerpt, observed }) => Math.max(most, measure(observed) * excerpt.weight),
    0,
  );

/** Characters of the opening and of the close; instructions stand there. */
const EDGE = 160;
/** Words of a sentence within which it says what to do. */
const OPENING = 5;

/** The beginnings of the first and of the last sentence or line. */
const instructionsOf = (text: string): string => {
  const edges = text.length <= 2 * EDGE ? text : `${text.slice(0, EDGE)}\n${text.slice(-EDGE)}`;
  const sentences = edges.split(/[\n.!?:]/).filter((sentence) => sentence.trim() !== "");
  return [sentences.at(0), sentences.at(-1)]
    .map((sentence = "") => sentence.trim().split(/\s+/).slice(0, OPENING).join(" "))
    .join("\n");
};

/** What is asked is of a kind that is done a thousand times a day: translating, converting, greeting … */
const routineOf = (question: string): number => {
  const { routine, talk, reasoning, maths, code } = observe(instructionsOf(question));
  if (talk > 0 && question.length <= SMALL_TALK) return 1;
  if (reasoning + maths + code >= 2) return 0;
  return routine > 0 ? 1 - saturated(reasoning + maths + code, 2) : 0;
};

const shownBy = (gist: Gist, excerpts: readonly Excerpt[]) => {
  const seen = excerpts.map((excerpt) => ({ excerpt, observed: observe(excerpt.text) }));
  const exchanges = gist.turns.filter(({ role }) => role !== "system").length;
  return {
    length: lengthOf(inputTokensOf(gist)),
    code: strongest(seen, ({ code, codeLines }) => saturated(code + codeLines / 2, 2)),
    maths: strongest(seen, ({ maths, formulas }) => saturated(maths + formulas / 2, 2)),
    reasoning: strongest(seen, ({ reasoning }) => saturated(reasoning, 2)),
    multi_step: strongest(seen, ({ steps, items, questions }) =>
      saturated(steps / 2 + items + Math.max(0, questions - 1), 4),
    ),
    constraints: strongest(seen, ({ constraints }) => saturated(constraints, 4)),
    language: strongest(seen, ({ foreign }) => foreign),
    depth: saturated(Math.max(0, exchanges - 1), 8),
    tools: saturated(gist.tools, 6),
  };
};

/** `wording`: −1 to 1, from the fitted table. */
export const signalsOf = (gist: Gist, excerpts: readonly Excerpt[], wording: number): Signals => {
  const question = excerpts[0]?.text ?? "";
  const isClosed = shapeOf(question) !== "open";
  const trust = isClosed ? CLOSED : OPEN;
  const shown = shownBy(gist, excerpts);
  return {
    length: shown.length * trust.shown,
    code: shown.code * trust.shown,
    maths: shown.maths * trust.shown,
    reasoning: shown.reasoning * trust.shown,
    multi_step: shown.multi_step * trust.shown,
    constraints: shown.constraints * trust.shown,
    language: shown.language * trust.shown,
    depth: shown.depth * trust.shown,
    tools: shown.tools * trust.shown,
    routine: isClosed ? 0 : routineOf(question),
    closed: isClosed ? 1 : 0,
    wording: wording * trust.wording,
  };
};
