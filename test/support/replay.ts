/**
 * Decides: how many recordings were tried, and what is wrong with those that fail.
 * Never: stops at the first fault: the list of all of them is the finding.
 */
import { isDeepStrictEqual } from "node:util";
import type { Recording, Skipped } from "./recordings.ts";

export type Tally = { tried: number; failed: number; skipped: Skipped };

/** Checks every recording; a check says what is wrong, or nothing, or why the recording is not its concern. */
export const faultsOf = (
  records: readonly Recording[],
  tally: Tally,
  check: (record: Recording) => readonly string[] | { skip: string },
): string[] =>
  records.flatMap((record) => {
    const found = checked(record, check);
    if ("skip" in found) {
      tally.skipped.set(found.skip, (tally.skipped.get(found.skip) ?? 0) + 1);
      return [];
    }
    tally.tried++;
    if (found.length > 0) tally.failed++;
    return found.map((fault) => `${record.source} ${record.id}: ${fault}`);
  });

const checked = (
  record: Recording,
  check: (record: Recording) => readonly string[] | { skip: string },
): readonly string[] | { skip: string } => {
  try {
    return check(record);
  } catch (thrown) {
    return [
      `threw ${thrown instanceof Error ? (thrown.stack ?? "").slice(0, 400) : String(thrown)}`,
    ];
  }
};

export const summary = (name: string, { tried, failed, skipped }: Tally): string => {
  const reasons = [...skipped].map(([reason, many]) => `\n    ${many} skipped: ${reason}`);
  return `${name}: ${tried} tried, ${tried - failed} passed, ${failed} failed${reasons.join("")}`;
};

/** Paths at which two JSON values differ, with both values: at most five. */
export const differences = (got: unknown, expected: unknown, path = ""): string[] => {
  if (isDeepStrictEqual(got, expected)) return [];
  if (isContainer(got) && isContainer(expected) && Array.isArray(got) === Array.isArray(expected)) {
    const keys = new Set([...Object.keys(got), ...Object.keys(expected)]);
    return [...keys]
      .flatMap((key) => differences(got[key], expected[key], `${path}/${key}`))
      .slice(0, 5);
  }
  return [`${path} is ${short(got)}, not ${short(expected)}`];
};

const isContainer = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;
const short = (value: unknown): string => (JSON.stringify(value) ?? "absent").slice(0, 160);
