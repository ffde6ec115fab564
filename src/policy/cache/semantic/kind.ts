/**
 * Decides: what kind of answer a turn asks for: a way, a reason, yes or no, a place …
 * Never: guesses: what does not begin like a question is "other", a statement or a command.
 */
import type { Word } from "./words.ts";

export const KINDS = [
  "way",
  "amount",
  "thing",
  "reason",
  "time",
  "place",
  "person",
  "yes-or-no",
  "other",
] as const;
export type Kind = (typeof KINDS)[number];

const words = (text: string): ReadonlySet<string> => new Set(text.split(" "));

/** A question that begins with one of them wants yes or no; a phrase without any is no sentence. */
export const VERBS = words(
  "is are was were am do does did has have had can could will would should shall may might must",
);
const PLEAS = words("can could will would");
const ADDRESSED = words("you someone anyone somebody anybody");
const AMOUNTS = words("many much long old far tall big often fast large high deep heavy hot cold");
const WAYS = words("way step method tip process procedur strategi");
const GRADES = words(
  "best good great effectiv efficient easiest fastest quickest simplest possibl different better most top easi quick simpl fast",
);

/** "What is the best way to …", "What are some tips for …" ask for a way, "What is the reason …" for a reason. */
const askedWithWhat = (after: readonly Word[]): Kind => {
  const next = after.slice(0, 8);
  const way = next.findIndex(({ stem }) => WAYS.has(stem));
  if (way >= 0 && next.slice(0, way).every(({ grammar, stem }) => grammar || GRADES.has(stem))) {
    return "way";
  }
  if (next.slice(0, 4).some(({ stem }) => stem === "reason")) return "reason";
  if (next[0]?.stem === "tim") return "time";
  return next[0]?.stem === "plac" ? "place" : "thing";
};

const ASKED: Readonly<Record<string, (after: readonly Word[]) => Kind>> = {
  how: (after) => (AMOUNTS.has(after[0]?.text ?? "") ? "amount" : "way"),
  what: askedWithWhat,
  which: askedWithWhat,
  why: () => "reason",
  when: () => "time",
  where: () => "place",
  who: () => "person",
  whom: () => "person",
  whose: () => "person",
};

/** By the first word that asks; a clause before it ("If …,") is passed over, and so is "Can you tell me". */
export const kindOf = (turn: readonly Word[]): Kind => {
  const [first, second] = turn;
  if (first === undefined) return "other";
  const polite = PLEAS.has(first.text) && ADDRESSED.has(second?.text ?? "");
  if (VERBS.has(first.text) && !polite) return "yes-or-no";
  const at = turn.findIndex(({ text }) => Object.hasOwn(ASKED, text));
  return ASKED[turn[at]?.text ?? ""]?.(turn.slice(at + 1)) ?? "other";
};
