/**
 * Decides: where recorded traffic and public data sets are read from, and when tests go without.
 * Never: hides a gap: a folder that is named in HEADGATE_DATA and absent is a failure; one that is
 * not named and absent skips the tests by name.
 */
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe } from "vitest";

const named = process.env["HEADGATE_DATA"];
const folder = resolve(named ?? "../shared/data");

/** `describe`, skipped where the data is absent. */
export const describeRecorded = describe.skipIf(named === undefined && !existsSync(folder));

/** The lines of a JSONL file of the data, parsed; none where the tests are skipped. */
export const recorded = <T>(file: string): T[] => {
  if (named === undefined && !existsSync(folder)) return [];
  return readFileSync(join(folder, file), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as T);
};

/** A JSON document of the data; undefined where the tests are skipped. */
export const recordedDocument = <T>(file: string): T | undefined => {
  if (named === undefined && !existsSync(folder)) return undefined;
  return JSON.parse(readFileSync(join(folder, file), "utf8")) as T;
};
