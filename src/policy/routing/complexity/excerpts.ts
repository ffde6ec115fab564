/**
 * Decides: which stretches of a conversation the scorer reads, and how much each of them counts.
 * Never: reads more than some ten thousand characters, however long the conversation is.
 */
import type { Gist, Role } from "../request/gist.ts";

export type Excerpt = {
  readonly role: Role;
  readonly text: string;
  /** 0..1: the question counts whole, what was said before it less and less. */
  readonly weight: number;
};

/** Characters: of the last thing the user said, of anything before it. Instructions stand at either end. */
const QUESTION = 4_000;
const EARLIER = 1_000;
/** Turns before the question that are looked at, newest first. */
const TURNS = 8;
const FADE = 0.85;
const WEIGHTS: Readonly<Record<Role, number>> = {
  user: 0.8,
  assistant: 0.5,
  system: 0.4,
  tool: 0.3,
};

const ends = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most / 2)}\n${text.slice(-most / 2)}`;

/** The beginnings and ends of long texts are kept before they are joined, so that nothing long is copied. */
const joined = (texts: readonly string[], most: number): string =>
  ends(texts.map((text) => ends(text, most)).join("\n"), most);

/** The question first, then backwards, the system's instructions last. Empty where nobody asks anything. */
export const excerptsOf = ({ turns }: Gist): readonly Excerpt[] => {
  const asked = turns.findLastIndex(({ role }) => role === "user");
  const question = turns[asked];
  if (question === undefined) return [];
  const excerpts: Excerpt[] = [{ role: "user", text: joined(question.texts, QUESTION), weight: 1 }];
  const before = turns.slice(0, asked).filter(({ role }) => role !== "system");
  before
    .slice(-TURNS)
    .reverse()
    .forEach(({ role, texts }, age) => {
      excerpts.push({
        role,
        text: joined(texts, EARLIER),
        weight: WEIGHTS[role] * FADE ** age,
      });
    });
  const system = turns.find(({ role }) => role === "system");
  if (system !== undefined) {
    excerpts.push({ role: "system", text: joined(system.texts, EARLIER), weight: WEIGHTS.system });
  }
  return excerpts;
};
