/**
 * Decides: the shipped price table, made from two public ones: `node scripts/prices.ts [--check]`.
 * Never: edits a figure by hand. `--check` writes nothing and fails where the files are not what it would write.
 */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { document } from "../eval/data.ts";
import type { ProviderKind } from "../src/domain/target.ts";
import { type Merged, type Model, merge } from "./prices-merge.ts";
import { pricesPage } from "./prices-page.ts";
import { type Entry, entry, litellmQuotes, modelsDevQuotes, SOURCES } from "./prices-sources.ts";

const ROOT = join(import.meta.dirname, "..");
const TABLE = join(ROOT, "src/policy/usage/model-table.json");
const PAGE = join(ROOT, "docs/PRICES.md");

/** One model a line, so that a diff of two tables reads like a price list. */
const line = (model: Model): string => {
  const { price, context, maxOutput, capabilities } = model;
  const { above, ...rates } = price ?? {};
  const words = Object.entries(rates).map(([name, rate]) => `${name}=${rate}`);
  if (above !== undefined) words.push(`above=${above.tokens}:${above.input}:${above.output}`);
  if (context !== undefined) words.push(`context=${context}`);
  if (maxOutput !== undefined) words.push(`max_output=${maxOutput}`);
  return [...words, ...capabilities].join(" ");
};

const DATED = /-\d{4}-\d{2}-\d{2}$|-\d{8}$/;

/** A dated name that says what its undated one says is left to the reader, which tries both. */
const lines = (models: Merged["models"]): Record<string, string> => {
  const all = new Map([...models].map(([name, model]) => [name, line(model)]));
  for (const [name, text] of all) {
    if (DATED.test(name) && all.get(name.replace(DATED, "")) === text) all.delete(name);
  }
  return Object.fromEntries(all);
};

const latestUpdate = (modelsDev: Entry): string => {
  const days = Object.values(modelsDev).flatMap((models) =>
    Object.values(entry(models)).map((model) => String(entry(model)["last_updated"] ?? "")),
  );
  return (
    days
      .filter((day) => /^\d{4}-\d{2}-\d{2}$/.test(day))
      .sort()
      .at(-1) ?? ""
  );
};

/** The table and its page, from the two sources' documents. */
export const build = (litellm: Entry, modelsDev: Entry): { table: string; page: string } => {
  const merged = Object.entries(SOURCES).map(([kind, source]): [ProviderKind, Merged] => [
    kind as ProviderKind,
    merge(litellmQuotes(litellm, source), modelsDevQuotes(modelsDev, source)),
  ]);
  const providers = Object.fromEntries(merged.map(([kind, { models }]) => [kind, lines(models)]));
  const hash = createHash("sha256").update(JSON.stringify(providers)).digest("hex").slice(0, 8);
  const version = `${latestUpdate(modelsDev)}-${hash}`;
  return {
    table: `${JSON.stringify({ version, providers }, undefined, 2)}\n`,
    page: pricesPage(version, merged),
  };
};

if (import.meta.main) {
  const read = (name: string): Entry => entry(document(`prices/${name}`));
  const { table, page } = build(read("litellm_model_prices.json"), read("models_dev.json"));
  if (process.argv.includes("--check")) {
    const same = readFileSync(TABLE, "utf8") === table && readFileSync(PAGE, "utf8") === page;
    console.log(
      same ? "the price table is up to date" : "the price table is not what the sources give",
    );
    process.exitCode = same ? 0 : 1;
  } else {
    writeFileSync(TABLE, table);
    writeFileSync(PAGE, page);
    console.log(`wrote ${TABLE} and ${PAGE}`);
  }
}
