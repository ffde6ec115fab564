/**
 * Decides: where recorded traffic and public data sets are found and how they are read, and how evaluations print a
 * table.
 * Never: copies any of it.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** HEADGATE_DATA names it; else it is looked for beside the project. */
export const DATA = process.env["HEADGATE_DATA"] ?? join(import.meta.dirname, "../../shared/data");

/** A file of the data as text. */
export const textOf = (file: string): string => readFileSync(join(DATA, file), "utf8");

/** A JSON document of the data. */
export const document = (file: string): unknown => JSON.parse(textOf(file));

/** The files of recorded traffic, one a provider and API. */
export const wireFiles = (): readonly string[] =>
  readdirSync(join(DATA, "wire")).filter((file) => file.endsWith(".jsonl"));

/** The lines of a JSONL file of the data. */
export const lines = <T>(file: string): T[] =>
  textOf(file)
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as T);

/** The value below which the share `p` of the values lies. */
export const quantile = (values: readonly number[], p: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))] ?? Number.NaN;
};

/** Prints rows under a head, columns aligned. */
export const printTable = (
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): void => {
  const all = [head, ...rows].map((row) => row.map(String));
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  for (const row of all) {
    console.log(row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "));
  }
};
