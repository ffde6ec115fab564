/**
 * Decides: who goes ahead of equal requests: one of this isolate, one elsewhere, or the request that asks. Of those
 * who are left behind by one the first goes ahead, and the others follow it.
 * Never: asks a provider, or lets a request follow itself.
 */
import type { Snapshot } from "../domain/config/snapshot.ts";
import type { Deps } from "../ports.ts";
import type { Flier, Following, Lead, TargetOf } from "../ports-cache.ts";
import { lastingSignal } from "./lasting.ts";
import type { Run } from "./run.ts";
import type { Sought } from "./sought.ts";

const flierOf = ({ ask }: Run, name: string): Flier => ({
  ...{ place: ask.caller, id: ask.requestId, name },
});

/** Two versions of the configuration may mean two things by one name. */
const targetIn =
  ({ targets }: Snapshot): TargetOf =>
  ({ model, upstream, kind, dialect }) => {
    const target = targets.get(model);
    const isSame =
      target?.upstream === upstream && target.kind === kind && target.dialect === dialect;
    return isSame ? target : undefined;
  };

/** What comes from elsewhere is shown to those of this isolate who follow. */
const passedOn = (following: Following, lead: Lead | undefined): Following => {
  let isShown = false;
  return {
    ...following,
    async next(signal) {
      await following.next(signal);
      const shown = following.shown();
      if (shown !== undefined && !isShown) {
        isShown = true;
        lead?.show(shown);
      }
      lead?.stir();
    },
  };
};

/** The one under way elsewhere whose request has the id `ahead`. */
export const joinElsewhere = async (
  deps: Deps,
  run: Run,
  { snapshot, lead }: Sought,
  name: string,
  ahead: string,
): Promise<Following> => {
  const found = await deps.flights.joinElsewhere(flierOf(run, name), ahead, targetIn(snapshot));
  return passedOn(found, lead);
};

/** Undefined: this request goes ahead. `lost`: the id of one that cannot be followed any more. */
export const meet = async (
  deps: Deps,
  run: Run,
  sought: Sought,
  name: string,
  lost: string | undefined,
): Promise<Following | undefined> => {
  // Those of this isolate who rely on this one have to look anew, too.
  sought.lead?.end("lost");
  sought.lead = undefined;
  const near = deps.flights.join(name);
  if (near !== undefined) return near;
  const lead = deps.flights.lead(name);
  sought.lead = lead;
  lead.asking();
  if (name === sought.flight) {
    run.ask = { ...run.ask, signal: lastingSignal(deps.clock, run.caller, lead) };
  }
  const flier = flierOf(run, name);
  const ahead = await deps.flights.meet(flier, lost);
  if (ahead === undefined) return undefined;
  if (ahead !== flier.id) return joinElsewhere(deps, run, sought, name, ahead);
  lead.announced(flier);
  return undefined;
};
