/**
 * Decides: the figures in src/policy/cache/semantic/weights.json: `node eval/fit-semantic.ts`.
 * Never: judges them; that is `npm run eval -- cache`, which knows by the fingerprint what was fitted.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { pack } from "../src/policy/cache/semantic/trees.ts";
import { barsOf, doubtLine } from "./semantic-calibrate.ts";
import { fingerprint, readSets } from "./semantic-data.ts";
import { crossed, learn } from "./semantic-learn.ts";

const FILE = join(import.meta.dirname, "../src/policy/cache/semantic/weights.json");

const sets = readSets();
const forest = learn(sets);
// The bars come from questions that the forest which scored them had not seen, in several rounds: a
// single one moves the bar of 2 % by a third.
const ROUNDS = [0, 1, 2, 3] as const;
const scored = ROUNDS.flatMap((round) => {
  const scores = crossed(sets, round);
  return sets.questions.flatMap((pair) => {
    const score = scores.get(pair);
    return score === undefined ? [] : [{ score, same: pair.same }];
  });
});
const doubt = doubtLine(scored);
const document = {
  fitted: fingerprint(sets.questions),
  doubt,
  bars: barsOf(scored, doubt, ROUNDS.length),
  forest: pack(forest),
};
const text = `${JSON.stringify(document, null, 2)}\n`;
writeFileSync(FILE, text);
console.log(
  `${scored.length / ROUNDS.length} pairs, ${forest.figure.length} nodes, ${gzipSync(text).length} bytes gzipped: ${FILE}`,
);
