/**
 * Decides: how a test of the semantic cache asks a turn, and knows that other wordings of it are found.
 * Never: takes it that the index has what was kept because some time is over.
 */
import type { CacheWorld, Told } from "./cache-world.ts";

export const says = (content: string): object => ({ messages: [{ role: "user", content }] });
export const similarityOf = ({ headers }: Told): string | null =>
  headers.get("x-headgate-similarity");

/** Is given what is there: nobody is asked, and nothing is kept. */
export const ONLY = { "x-headgate-cache": "only" };
const LOOKS = 250;
const EVERY_MS = 20;

/** Until `look` is given what an other wording was answered: that is kept once the answer has left. */
export const untilFound = async (look: () => Promise<Told>): Promise<void> => {
  for (let at = 0; at < LOOKS; at += 1) {
    if ((await look()).cache === "semantic") return;
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
  throw new Error("no other wording is found");
};

/** The same words and so the same vector, in another text. */
export const reworded = (turn: string): string => `  ${turn}`;

/** Asked for the first time, and found by other wordings from then on. */
export const primed = async (world: CacheWorld, turn: string): Promise<Told> => {
  const told = await world.ask(says(turn));
  if (told.cache !== "miss") throw new Error(`${turn} is not new: ${told.status} ${told.cache}`);
  await untilFound(() => world.ask(says(reworded(turn)), ONLY));
  return told;
};
