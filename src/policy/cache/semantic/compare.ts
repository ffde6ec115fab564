/**
 * Decides: what two turns, laid side by side, tell: what forbids that they share an answer, and how
 * alike they are.
 * Never: decides whether an answer is served; that is judge.ts, with what was learnt of the entry.
 */
import { type Disagreement, disagreement } from "./agreement.ts";
import { align } from "./align.ts";
import { cosineOf, embedLexically, embedWords } from "./embed.ts";
import { type Evidence, evidenceOf } from "./evidence.ts";
import { plainForm } from "./plain-form.ts";
import { MOST } from "./words.ts";

export type Compared = {
  /** Why the two must not share an answer; undefined where nothing forbids it. */
  readonly disagreement: Disagreement | "length" | undefined;
  /** Undefined where the two disagree: nothing is left to weigh. */
  readonly evidence: Evidence | undefined;
};

/** The same whichever turn is named first. Costs about a tenth of a millisecond; turns above MOST characters are not looked at. */
export const compare = (turn: string, another: string): Compared => {
  const [one, other] = turn <= another ? [turn, another] : [another, turn];
  if (one.length > MOST || other.length > MOST) {
    return { disagreement: "length", evidence: undefined };
  }
  const alignment = align(plainForm(one), plainForm(other));
  const broken = disagreement(one, other, alignment);
  if (broken !== undefined) return { disagreement: broken, evidence: undefined };
  const left = (words: typeof alignment.onlyA): Float32Array =>
    embedWords(words.filter(({ grammar }) => !grammar));
  const alike = cosineOf(embedLexically(one), embedLexically(other));
  const leftAlike = cosineOf(left(alignment.onlyA), left(alignment.onlyB));
  return {
    disagreement: undefined,
    evidence: evidenceOf(one, other, alignment, alike, leftAlike),
  };
};
