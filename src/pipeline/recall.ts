/**
 * Decides: whether a request is given an answer that was given before; the way in. The way back is keep.ts.
 * Never: holds up admission – it looks while the account is asked – or believes what it finds without a look at
 * whose it is, how old, and whether this caller may be given it (bars.md P13).
 */
import { isRecord } from "../base/record.ts";
import type { Snapshot } from "../domain/config/snapshot.ts";
import type { Caller } from "../domain/tenant.ts";
import { allowedFor } from "../policy/cache/allowed.ts";
import { readEntry } from "../policy/cache/entry.ts";
import { boundedTtl } from "../policy/cache/freshness.ts";
import { cacheRulesFor } from "../policy/cache/rules.ts";
import { mayBeGiven } from "../policy/routing/reach.ts";
import type { Deps } from "../ports.ts";
import type { Following } from "../ports-cache.ts";
import type { Ask } from "./ask.ts";
import { generationFor, hasPurgedModels, keyTextFor } from "./cache-name.ts";
import { flightCaps } from "./flight-caps.ts";
import { lastingSignal } from "./lasting.ts";
import { parseJson } from "./read-whole.ts";
import { type Given, replayed } from "./replay.ts";
import type { Run } from "./run.ts";
import type { Hit, Sought } from "./sought.ts";

const gaveIn = (text: string): string => {
  const entry = parseJson(text);
  return isRecord(entry) && typeof entry["model"] === "string" ? entry["model"] : "";
};

const isHealthy = (deps: Deps, snapshot: Snapshot, asked: string): boolean => {
  const target = snapshot.targets.get(asked);
  const state = target && deps.health.view(target)?.state;
  return state === undefined || state === "closed";
};

/** Whether another model's answer is taken: as far as the caller's own word on fallbacks goes. */
const takesStandIn = ({ controls: { fallback } }: Ask, model: string): boolean =>
  fallback === undefined || (fallback !== "none" && fallback.includes(model));

/** `name`: the key that has to stand in the entry. */
export const usable = (
  deps: Deps,
  snapshot: Snapshot,
  run: Run,
  { name, asked, ttl, cache }: Pick<Sought, "name" | "asked" | "ttl"> & Pick<Given, "cache">,
  text: string | undefined,
): Hit | undefined => {
  if (text === undefined) return undefined;
  const { ask } = run;
  const now = deps.clock.now();
  const read = readEntry(text, {
    ...{ key: name, dialect: ask.dialect, now, ttl },
    generation: generationFor(ask, asked, hasPurgedModels(ask) ? gaveIn(text) : asked),
    askedIsHealthy: isHealthy(deps, snapshot, asked),
  });
  if (!read.ok) return undefined;
  const entry = read.value;
  // Who shares a scope need not be allowed the same models.
  const policies = [snapshot.policy, ...ask.caller.policies];
  if (!mayBeGiven(snapshot, policies, entry.model)) return undefined;
  if (entry.standIn && !takesStandIn(ask, entry.model)) return undefined;
  const body = replayed(run, { ...entry, ...(cache && { cache }) }, now);
  return body === undefined ? undefined : { entry, body };
};

/** The organisation's count only rises; those of models rise until it does, and begin anew. */
const purgesSoFar = ({ purges }: Caller): string =>
  purges === undefined
    ? "0.0"
    : `${purges.org}.${Object.values(purges.models).reduce((sum, count) => sum + count, 0)}`;

/** What lies in storage; where an equal request is about to keep its answer, once that is known. */
const stored = async (
  deps: Deps,
  { ask }: Run,
  name: string,
  keeping: Following | undefined,
): Promise<string | undefined> => {
  const { tenant } = ask.caller;
  if (keeping === undefined) return deps.cache.read(tenant, name);
  while (keeping.state() === "keeping" && !ask.signal.aborted) await keeping.next(ask.signal);
  return deps.cache.recent(tenant, name) ?? deps.cache.read(tenant, name);
};

/** Begins to look. Waits for no storage: what the isolate has at hand is there when it is done. */
export const seek = async (deps: Deps, snapshot: Snapshot, run: Run): Promise<void> => {
  const { ask, record } = run;
  const rules = cacheRulesFor([snapshot.policy, ...ask.caller.policies]);
  const asked = ask.body.value["model"] ?? snapshot.defaultModel;
  // Such a request goes no further.
  if (typeof asked !== "string") return;
  const { endpoint, dialect, controls, caller } = ask;
  const wish = controls.cache;
  const body = ask.body.value;
  const allowed = allowedFor(rules, { endpoint, dialect, model: asked, body, wish });
  const isOn = rules.mode === "on";
  record.cache = isOn ? (allowed.refused ?? "miss") : "off";
  if (allowed.refused !== undefined) return;
  const begun = deps.clock.now();
  const name = await deps.cache.name(caller.tenant, keyTextFor(snapshot, ask, rules, asked));
  const ttl = boundedTtl(controls.cacheTtl, rules.ttl);
  const place = { name, asked, ttl };
  const kept = allowed.read ? deps.cache.recent(caller.tenant, name) : undefined;
  const atHand = usable(deps, snapshot, run, place, kept);
  const flies = isOn && atHand === undefined && allowed.write;
  const waits = isOn && atHand === undefined && allowed.read;
  const caps = flies || waits ? flightCaps(deps, snapshot, run, asked) : "";
  const flight = `${caller.tenant} ${name} ${purgesSoFar(caller)} ${caps}`;
  const near = waits ? deps.flights.join(flight) : undefined;
  // Too late to have asked together: an answer that nobody may keep is not his either.
  const late = near?.state() === "keeping" ? near : undefined;
  // Who takes only what is kept waits for that, but not for an answer that is still to come.
  const joined = late === undefined && flies ? near : undefined;
  const looks = allowed.read && atHand === undefined && joined === undefined;
  run.sought = {
    ...{ snapshot, rules, allowed, ...place, flight, atHand, joined },
    reading: looks ? stored(deps, run, name, late) : undefined,
    lead: flies && joined === undefined ? deps.flights.lead(flight) : undefined,
    alike: undefined,
    dating: import("../policy/cache/relative-time.ts"),
  };
  const { lead } = run.sought;
  if (lead !== undefined) {
    run.ask = { ...ask, signal: lastingSignal(deps.clock, run.caller, lead) };
  }
  run.cacheMs = deps.clock.now() - begun;
};

/** Waits until the one who goes ahead has looked for all. */
const looked = async (run: Run, { joined }: Sought): Promise<void> => {
  while (joined?.state() === "looking" && !run.ask.signal.aborted) {
    await joined.next(run.ask.signal);
  }
};

/** What was found; undefined where there is nothing, or it is not to be given. */
export const found = async (deps: Deps, run: Run): Promise<Hit | undefined> => {
  const { sought } = run;
  if (sought === undefined) return undefined;
  const begun = deps.clock.now();
  await looked(run, sought);
  const { tenant } = run.ask.caller;
  const text =
    sought.joined?.state() === "found"
      ? deps.cache.recent(tenant, sought.name)
      : await sought.reading;
  const hit = sought.atHand ?? usable(deps, sought.snapshot, run, sought, text);
  run.cacheMs = (run.cacheMs ?? 0) + deps.clock.now() - begun;
  return hit;
};
