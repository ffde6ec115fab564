/**
 * Decides: which evaluations `npm run eval [-- TOPIC…]` runs; all of them where none is named.
 * Never: is part of `npm test`; it measures judgement on recorded data, and exits 1 where a bar is missed.
 */
import { existsSync } from "node:fs";
import { asksForHelp, refuse } from "../scripts/arguments.ts";
import { DATA } from "./data.ts";
import { evaluatePrices } from "./prices.ts";
import { evaluateRouting } from "./routing.ts";
import { evaluateSemantic } from "./semantic.ts";
import { evaluateTokens } from "./tokens.ts";
import { evaluateUsage } from "./usage.ts";

const TOPICS: Readonly<Record<string, () => boolean | Promise<boolean>>> = {
  tokens: evaluateTokens,
  prices: evaluatePrices,
  usage: evaluateUsage,
  routing: evaluateRouting,
  cache: evaluateSemantic,
};

const USAGE = `npm run eval -- [TOPIC…]

Measures judgement on ${Object.keys(TOPICS).join(", ")}; all unless told otherwise: eval/README.md`;

const wanted = process.argv.slice(2);
if (asksForHelp(wanted)) {
  console.log(USAGE);
  process.exit(0);
}
const unknown = wanted.filter((name) => !(name in TOPICS));
if (unknown.length > 0) refuse(USAGE, `There is no topic ${unknown.join(", ")}.`);
if (!existsSync(DATA))
  refuse(USAGE, `There is no data in ${DATA}: HEADGATE_DATA names its folder.`);
let held = true;
for (const [name, evaluate] of Object.entries(TOPICS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.log(`\n## ${name}\n`);
  held = (await evaluate()) && held;
}
process.exitCode = held ? 0 : 1;
