/**
 * Decides: where evaluations find recorded data, and how they print a table.
 * Never: copies any of it.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const FOLDER = process.env["HEADGATE_DATA"] ?? join(import.meta.dirname, "../../shared/data");

/** A JSON document of the data. */
export const document = (file: string): unknown =>
  JSON.parse(readFileSync(join(FOLDER, file), "utf8"));

/** The files of recorded traffic, one a provider and API. */
export const wireFiles = (): readonly string[] =>
  readdirSync(join(FOLDER, "wire")).filter((file) => file.endsWith(".jsonl"));

/** The lines of a JSONL file of the data. */
export const lines = <T>(file: string): T[] =>
  readFileSync(join(FOLDER, file), "utf8")
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
