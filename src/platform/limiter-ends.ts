/**
 * Decides: how the ends of requests reach their organisation's object: at once, or gathered for a moment where
 * nobody waits for what they free, and again until the object has them.
 * Never: forgets one that was not acknowledged; saying it twice changes nothing.
 */
import type { Clock } from "../base/clock.ts";
import type { EndCall, OrganisationCalls } from "./objects/organisation-calls.ts";
import type { Place, Reach } from "./organisation-reach.ts";

/** Milliseconds: how long ends of block-admitted requests are gathered, and how long a failed telling rests. */
const GATHER_MS = 40;
const REST_MS = 1_000;
const TRIES = 3;
/** Milliseconds. Longer than an admission may take: nobody waits for this. */
const PATIENCE_MS = 10_000;
/** In one call; a row has about a kilobyte. */
const MOST_AT_ONCE = 200;
/** Beyond this the oldest is left to the object's own expiry. */
const MOST_WAITING = 5_000;
/** Milliseconds. A telling that has not begun by then died with the request that it hung on. */
const OVERDUE_MS = 2_000;

export type Ends = {
  tell(place: Place, end: EndCall): void;
  /** What the object has not acknowledged yet: for a question that must not be asked without it. */
  untold(place: Place): readonly EndCall[];
  /** The object has these. */
  told(place: Place, ends: readonly EndCall[]): void;
};

type Line = {
  readonly waiting: Map<string, EndCall>;
  arrangedAt: number | undefined;
};

export const createEnds = (parts: {
  readonly reach: Reach<OrganisationCalls>;
  readonly clock: Clock;
  readonly background: (work: Promise<unknown>) => void;
  /** The object has this one. */
  readonly onTold: (end: EndCall) => void;
}): Ends => {
  const { reach, clock, background, onTold } = parts;
  const lines = new Map<string, Line>();
  const lineOf = ({ tenant }: Place): Line => {
    const known = lines.get(tenant);
    if (known !== undefined) return known;
    const line: Line = { waiting: new Map(), arrangedAt: undefined };
    lines.set(tenant, line);
    return line;
  };
  const pause = (ms: number): Promise<void> =>
    new Promise((done) => void clock.after(ms, () => done()));

  const untold: Ends["untold"] = (place) => {
    const line = lines.get(place.tenant);
    return line === undefined ? [] : [...line.waiting.values()].slice(0, MOST_AT_ONCE);
  };
  const told: Ends["told"] = ({ tenant }, ends) => {
    const line = lines.get(tenant);
    for (const end of ends) {
      if (line?.waiting.get(end.id) !== end) continue;
      line.waiting.delete(end.id);
      onTold(end);
    }
    if (line?.waiting.size === 0 && line.arrangedAt === undefined) lines.delete(tenant);
  };

  const deliver = async (place: Place, line: Line): Promise<void> => {
    for (let tries = 0; line.waiting.size > 0 && tries < TRIES; ) {
      const ends = untold(place);
      const answer = await reach(place, (object) => object.end(ends), PATIENCE_MS);
      if (answer.ok) told(place, ends);
      else {
        tries += 1;
        await pause(REST_MS);
      }
    }
  };

  return {
    untold,
    told,
    tell(place, end) {
      const line = lineOf(place);
      line.waiting.set(end.id, end);
      const [oldest] = line.waiting.keys();
      if (line.waiting.size > MOST_WAITING && oldest !== undefined) line.waiting.delete(oldest);
      if (end.drawn === undefined) {
        background(deliver(place, line));
        return;
      }
      const now = clock.now();
      if (line.arrangedAt !== undefined && now - line.arrangedAt < OVERDUE_MS) return;
      line.arrangedAt = now;
      const later = async (): Promise<void> => {
        await pause(GATHER_MS);
        line.arrangedAt = undefined;
        await deliver(place, line);
      };
      background(later());
    },
  };
};
