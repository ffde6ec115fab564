/**
 * Decides: the figures in src/policy/routing/complexity/weights.json: `node eval/fit-complexity.ts`.
 * Never: judges them; that is `npm run eval -- routing`, which knows by the fingerprints what was fitted.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { quantile } from "./data.ts";
import { examplesOf, fingerprint, SETS } from "./routing-data.ts";
import { predict, ridge, rowsOf } from "./routing-fit.ts";

const FILE = join(import.meta.dirname, "../src/policy/routing/complexity/weights.json");
/** The strength that is called 1: all but one in fifty questions lie below it. */
const FULL = 0.98;
const LEVELS = 127;

const sets = SETS.map((set) => examplesOf(set));
const rows = rowsOf(sets.flat());
const table = ridge(rows);

const largest = table.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
const full = quantile(
  rows.map(({ grams }) => Math.abs(predict(table, grams))),
  FULL,
);
const whole = Int8Array.from(table, (weight) => Math.round((weight / largest) * LEVELS));
const document = {
  fitted: Object.fromEntries(SETS.map((set, index) => [set, fingerprint(sets[index] ?? [])])),
  scale: Number((largest / LEVELS / full).toPrecision(6)),
  weights: Buffer.from(whole.buffer).toString("base64"),
};
const text = `${JSON.stringify(document, null, 2)}\n`;
writeFileSync(FILE, text);
console.log(`${rows.length} questions, ${gzipSync(text).length} bytes gzipped: ${FILE}`);
