/**
 * Decides: how the recorded right-or-wrong of a weak and a strong model is read.
 * Never: reads the models' answers; a router has only the question.
 */
import { createHash } from "node:crypto";
import { lines } from "./data.ts";

const WEAK = "mistralai/Mixtral-8x7B-Instruct-v0.1";
const STRONG = "gpt-4-1106-preview";

export const SETS = ["gsm8k", "mmlu"] as const;

type Line = {
  readonly prompt: string;
  readonly subject?: string;
  readonly [WEAK]: string;
  readonly [STRONG]: string;
};

export type Example = {
  readonly set: (typeof SETS)[number];
  readonly prompt: string;
  /** What the strong model's call gains over the weak one's: 1, 0, or −1 where only the weak one is right. */
  readonly gain: number;
  readonly weak: number;
  /** The examination, where the set has several. */
  readonly subject: string | undefined;
};

const right = (label: string): number => (label === "True" ? 1 : 0);

export const examplesOf = (set: Example["set"]): readonly Example[] =>
  lines<Line>(`traces/routellm_${set}.jsonl`).map((line) => ({
    set,
    prompt: line.prompt,
    weak: right(line[WEAK]),
    subject: line.subject,
    gain: right(line[STRONG]) - right(line[WEAK]),
  }));

/** Tells whether a table was fitted to these very questions. */
export const fingerprint = (examples: readonly Example[]): string => {
  const hash = createHash("sha256");
  for (const { prompt } of examples) hash.update(prompt).update("\u0000");
  return hash.digest("hex").slice(0, 16);
};
