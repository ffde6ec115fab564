/**
 * Decides: how refusals that no object has decided (401, 403, shared limits) are counted: gathered for a
 * second, then told to the organisation's object, or to the queue where nobody knows whose they were.
 * Never: costs a refusal a call, and never fails one.
 */
import { type Clock, sleep } from "../base/clock.ts";
import type { DenialTally } from "../domain/ledger-row.ts";
import type { Caller } from "../domain/tenant.ts";
import type { OrganisationCalls } from "./objects/organisation-calls.ts";
import type { Place, Reach } from "./organisation-reach.ts";

const GATHER_MS = 1_000;
const HOUR_MS = 3_600_000;
/** Milliseconds. A telling that has not begun by then died with the request that it hung on. */
const OVERDUE_MS = 5_000;
const NOBODY = "";

type Gathered = {
  readonly place: Place | undefined;
  readonly tallies: Map<string, DenialTally>;
};

export const createDenialCounts = (parts: {
  readonly reach: Reach<OrganisationCalls>;
  readonly clock: Clock;
  readonly background: (work: Promise<unknown>) => void;
  readonly tell: (denials: readonly DenialTally[]) => Promise<unknown>;
}) => {
  const { reach, clock, background, tell } = parts;
  let gathered = new Map<string, Gathered>();
  let arrangedAt: number | undefined;

  const deliver = async (): Promise<void> => {
    await sleep(clock, GATHER_MS);
    arrangedAt = undefined;
    const all = gathered;
    gathered = new Map();
    for (const { place, tallies } of all.values()) {
      const denials = [...tallies.values()];
      if (place === undefined) await tell(denials).catch(() => undefined);
      else await reach(place, (object) => object.deny(denials));
    }
  };

  return {
    /** `rule`: the limit that refused; empty where none did. */
    count(caller: Caller | undefined, status: number, code: string, rule = ""): void {
      const now = clock.now();
      const hour = Math.floor(now / HOUR_MS) * HOUR_MS;
      const name = caller?.tenant ?? NOBODY;
      const one = gathered.get(name) ?? { place: caller, tallies: new Map() };
      gathered.set(name, one);
      const tally = `${hour} ${code} ${rule}`;
      const count = (one.tallies.get(tally)?.count ?? 0) + 1;
      one.tallies.set(tally, { hour, org: caller?.org ?? null, status, code, rule, count });
      if (arrangedAt !== undefined && now - arrangedAt < OVERDUE_MS) return;
      arrangedAt = now;
      background(deliver());
    },
  };
};
