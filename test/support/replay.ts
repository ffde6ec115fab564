/**
 * Decides: how many recordings were tried, and what is wrong with those that fail.
 * Never: stops at the first fault: the list of all of them is the finding. Nor passes where nothing was tried.
 */
import { isDeepStrictEqual } from "node:util";
import type { Recording, Recordings } from "./recordings.ts";

/** What is wrong, or nothing, or why the recording is not the check's concern. */
type Checked = readonly string[] | { readonly skip: string };
type Check = (record: Recording) => Checked | Promise<Checked>;

export type Replays = {
  /** All that `check` finds wrong, each with its recording. */
  faultsOf(name: string, records: Recordings, check: Check): Promise<string[]>;
  /** What was tried and what was skipped, and why. */
  summary(): string;
};

export const createReplays = (): Replays => {
  const lines: string[] = [];
  return {
    async faultsOf(name, { taken, skipped }, check) {
      const reasons = new Map(skipped);
      const faults: string[] = [];
      let [tried, failed] = [0, 0];
      for (const record of taken) {
        const found = await checked(record, check);
        if ("skip" in found) {
          reasons.set(found.skip, (reasons.get(found.skip) ?? 0) + 1);
          continue;
        }
        tried += 1;
        if (found.length > 0) failed += 1;
        faults.push(...found.map((fault) => `${record.source} ${record.id}: ${fault}`));
      }
      lines.push(
        `${name}: ${tried} tried, ${tried - failed} passed, ${failed} failed`,
        ...[...reasons].map(([reason, many]) => `    ${many} skipped: ${reason}`),
      );
      return tried === 0 ? [...faults, "nothing was tried"] : faults;
    },
    summary: () => lines.join("\n"),
  };
};

const checked = async (record: Recording, check: Check): Promise<Checked> => {
  try {
    return await check(record);
  } catch (thrown) {
    const where = thrown instanceof Error ? (thrown.stack ?? "").slice(0, 400) : String(thrown);
    return [`threw ${where}`];
  }
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
