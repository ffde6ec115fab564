/**
 * Decides: how canaries' outcomes come from this isolate to their objects: counted together for up to a
 * second, then sent in the background, again and again until the object has acknowledged them.
 * Never: makes an answer wait, and never changes a batch that may have arrived.
 */
import { type Clock, sleep } from "../base/clock.ts";
import {
  type CanaryDefinition,
  type CanaryOutcome,
  type CanaryReport,
  type CanaryTally,
  merged,
  NO_TALLY,
  tallyOf,
} from "../policy/view/canary.ts";
import type { Canaries } from "../ports.ts";
import type { CanaryBatch } from "./objects/canary.ts";

/** Milliseconds: how long outcomes are gathered, and how long a failed batch rests. */
const GATHER_MS = 1_000;
/** How often a delivery tries; after that the batch waits for the canary's next outcome. */
const TRIES = 3;
/** Milliseconds. A delivery that has not begun by then died with the request that it hung on. */
const OVERDUE_MS = 5_000;

/** For the admin plane. */
export type CanaryReports = {
  report(canary: CanaryDefinition): Promise<CanaryReport>;
};

export type CanaryParts = {
  /** A new stub each time: one that has thrown stays broken, and none outlives its request. */
  readonly objectOf: (name: string) => {
    count(batch: CanaryBatch): Promise<void>;
    report(): Promise<CanaryReport>;
  };
  readonly clock: Clock;
  readonly background: (work: Promise<unknown>) => void;
};

/** What this isolate has not yet got rid of, of one canary. */
type Line = {
  readonly name: string;
  gathered: CanaryOutcome[];
  /** Counted already, not yet in a batch. */
  counted: CanaryTally;
  /** Sent perhaps, acknowledged not. */
  unsent: CanaryBatch | undefined;
  /** Of the last batch. */
  number: number;
  /** When the delivery was arranged that has not begun yet. */
  arrangedAt: number | undefined;
};

/** Names hold no control characters, quotes or brackets: two definitions never have one name. */
const nameOf = ({ id, baseline, candidate }: CanaryDefinition): string =>
  JSON.stringify([id, baseline, candidate]);

export const createCanaries = (parts: CanaryParts): Canaries & CanaryReports => {
  const { objectOf, clock, background } = parts;
  const sender = crypto.randomUUID();
  const lines = new Map<string, Line>();

  const lineOf = (name: string): Line => {
    const known = lines.get(name);
    if (known !== undefined) return known;
    const line: Line = {
      name,
      gathered: [],
      counted: NO_TALLY,
      unsent: undefined,
      number: 0,
      arrangedAt: undefined,
    };
    lines.set(name, line);
    return line;
  };

  const nextBatch = (line: Line): CanaryBatch | undefined => {
    const tally = line.counted;
    if (tally.baseline.requests + tally.candidate.requests === 0) return undefined;
    line.counted = NO_TALLY;
    line.number += 1;
    return { sender, number: line.number, tally };
  };

  // Deliveries may overlap: what another one has brought meanwhile is no longer `unsent`.
  const arrives = async (line: Line, batch: CanaryBatch): Promise<boolean> => {
    for (let tries = 1; line.unsent === batch; tries += 1) {
      try {
        await objectOf(line.name).count(batch);
        if (line.unsent === batch) line.unsent = undefined;
      } catch {
        if (tries === TRIES) return false;
        await sleep(clock, GATHER_MS);
      }
    }
    return true;
  };

  const deliver = async (line: Line): Promise<void> => {
    await sleep(clock, GATHER_MS);
    line.arrangedAt = undefined;
    line.counted = merged(line.counted, tallyOf(line.gathered));
    line.gathered = [];
    for (;;) {
      line.unsent ??= nextBatch(line);
      if (line.unsent === undefined || !(await arrives(line, line.unsent))) return;
    }
  };

  return {
    finished(outcome) {
      const line = lineOf(nameOf(outcome.canary));
      line.gathered.push(outcome);
      const now = clock.now();
      if (line.arrangedAt !== undefined && now - line.arrangedAt < OVERDUE_MS) return;
      line.arrangedAt = now;
      background(deliver(line));
    },
    report: (canary) => objectOf(nameOf(canary)).report(),
  };
};
