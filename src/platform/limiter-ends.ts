/**
 * Decides: how the ends of requests reach their organisation's object: at once, or gathered for a moment where
 * nobody waits for what they free, and again until the object has them.
 * Never: forgets one that was not acknowledged; saying it twice changes nothing.
 */
import { type Clock, sleep } from "../base/clock.ts";
import type { EndCall, OrganisationCalls } from "./objects/organisation-calls.ts";
import type { Place, Reach } from "./organisation-reach.ts";

/**
 * Milliseconds: how long ends are gathered whose slots and tokens others may wait for, and those of requests
 * that were admitted out of a block; how long a failed telling rests; and how long whoever sees another
 * telling of his end waits for it. An admission does not wait for the gathering: it takes along what is there.
 */
const GATHER_SOON_MS = 3;
const GATHER_MS = 100;
const REST_MS = 1_000;
const LOOK_MS = 50;
const TRIES = 3;
/** Milliseconds. Longer than an admission may take: nobody waits for this. */
const PATIENCE_MS = 10_000;
/** In one call; a row has about a kilobyte. */
const MOST_AT_ONCE = 200;
/** Of one organisation, and of all: beyond this the oldest is left to the object's own expiry. Some kilobytes each. */
const MOST_WAITING = 5_000;
const MOST_OF_ALL = 10_000;
/** Milliseconds. A telling that has not begun by then died with the request that it hung on. */
const OVERDUE_MS = 2_000;

/** Ends that one call tells. */
export type Telling = {
  readonly ends: readonly EndCall[];
  /** Others are being told by another call, which the object may hear later than this one. */
  readonly hasOthers: boolean;
};

export type Ends = {
  tell(place: Place, end: EndCall): void;
  /**
   * What the object has not acknowledged and nobody is telling: it goes along with a question that must not be
   * asked without it. `all`: also what somebody is telling. Followed by `told` or `untold`.
   */
  take(place: Place, all?: boolean): Telling;
  /** The object has these. `relied`: the ids of those on whose answers others elsewhere rely. */
  told(place: Place, ends: readonly EndCall[], relied?: readonly string[]): void;
  /** It may not have them: somebody else has to tell. */
  untold(place: Place, ends: readonly EndCall[]): void;
};

type Waiting = { readonly end: EndCall; sentAt: number | undefined };

type Line = {
  readonly waiting: Map<string, Waiting>;
  arrangedAt: number | undefined;
};

export const createEnds = (parts: {
  readonly reach: Reach<OrganisationCalls>;
  readonly clock: Clock;
  readonly background: (work: Promise<unknown>) => void;
  /** The object has this one. */
  readonly onTold: (end: EndCall, isReliedOn: boolean) => void;
}): Ends => {
  const { reach, clock, background, onTold } = parts;
  const lines = new Map<string, Line>();
  /** All that wait, the oldest first, by id: whose they are. */
  const tenants = new Map<string, string>();
  const lineOf = ({ tenant }: Place): Line => {
    const known = lines.get(tenant);
    if (known !== undefined) return known;
    const line: Line = { waiting: new Map(), arrangedAt: undefined };
    lines.set(tenant, line);
    return line;
  };

  /** False where it does not wait any more. */
  const drop = (tenant: string, id: string): boolean => {
    tenants.delete(id);
    return lines.get(tenant)?.waiting.delete(id) === true;
  };

  const forgetIfDone = (tenant: string): void => {
    const line = lines.get(tenant);
    if (line?.waiting.size === 0 && line.arrangedAt === undefined) lines.delete(tenant);
  };

  const keepBounded = ({ waiting }: Line, tenant: string): void => {
    const [oldest] = waiting.size > MOST_WAITING ? waiting.keys() : [];
    if (oldest !== undefined) drop(tenant, oldest);
    const [first] = tenants.size > MOST_OF_ALL ? tenants : [];
    if (first === undefined) return;
    const [id, whose] = first;
    drop(whose, id);
    forgetIfDone(whose);
  };

  const take: Ends["take"] = ({ tenant }, all = false) => {
    const now = clock.now();
    const ends: EndCall[] = [];
    let hasOthers = false;
    for (const each of lines.get(tenant)?.waiting.values() ?? []) {
      const isBeingTold = each.sentAt !== undefined && now - each.sentAt < PATIENCE_MS;
      if ((isBeingTold && !all) || ends.length === MOST_AT_ONCE) hasOthers = true;
      else {
        each.sentAt = now;
        ends.push(each.end);
      }
    }
    return { ends, hasOthers };
  };

  const told: Ends["told"] = ({ tenant }, ends, relied = []) => {
    for (const end of ends) {
      if (drop(tenant, end.id)) onTold(end, relied.includes(end.id));
    }
    forgetIfDone(tenant);
  };

  const untold: Ends["untold"] = ({ tenant }, ends) => {
    for (const { id } of ends) {
      const waiting = lines.get(tenant)?.waiting.get(id);
      if (waiting !== undefined) waiting.sentAt = undefined;
    }
  };

  /** Until the object has these, by whomever; with them goes whatever else nobody is telling. */
  const deliver = async (place: Place, line: Line, ids: readonly string[]): Promise<void> => {
    for (let tries = 0; tries < TRIES && ids.some((id) => line.waiting.has(id)); ) {
      const { ends } = take(place);
      if (ends.length === 0) {
        await sleep(clock, LOOK_MS);
        continue;
      }
      const answer = await reach(place, (object) => object.end(ends), PATIENCE_MS);
      if (answer.ok) told(place, ends, answer.value);
      else {
        untold(place, ends);
        tries += 1;
        await sleep(clock, REST_MS);
      }
    }
  };

  return {
    take,
    told,
    untold,
    tell(place, end) {
      const line = lineOf(place);
      line.waiting.set(end.id, { end, sentAt: undefined });
      tenants.set(end.id, place.tenant);
      keepBounded(line, place.tenant);
      const isUrgent = end.drawn === undefined;
      const now = clock.now();
      if (line.arrangedAt !== undefined && now - line.arrangedAt < OVERDUE_MS) {
        if (isUrgent) background(sleep(clock, LOOK_MS).then(() => deliver(place, line, [end.id])));
        return;
      }
      line.arrangedAt = now;
      const later = async (): Promise<void> => {
        await sleep(clock, isUrgent ? GATHER_SOON_MS : GATHER_MS);
        line.arrangedAt = undefined;
        await deliver(place, line, [...line.waiting.keys()]);
        forgetIfDone(place.tenant);
      };
      background(later());
    },
  };
};
