/**
 * Decides: when tests that read recorded traffic and public data sets (eval/data.ts) go without.
 * Never: hides a gap: a folder that is named in HEADGATE_DATA and absent is a failure; one that is
 * not named and absent skips the tests by name.
 */
import { existsSync } from "node:fs";
import { describe } from "vitest";
import { DATA, document, lines, textOf } from "../../eval/data.ts";

const isAbsent = process.env["HEADGATE_DATA"] === undefined && !existsSync(DATA);

/** `describe`, skipped where the data is absent. */
export const describeRecorded = describe.skipIf(isAbsent);

/** The lines of a JSONL file of the data, parsed; none where the tests are skipped. */
export const recorded = <T>(file: string): T[] => (isAbsent ? [] : lines<T>(file));

/** A JSON document of the data; undefined where the tests are skipped. */
export const recordedDocument = <T>(file: string): T | undefined =>
  isAbsent ? undefined : (document(file) as T);

/** A file of the data as it is; empty where the tests are skipped. */
export const recordedText = (file: string): string => (isAbsent ? "" : textOf(file));
