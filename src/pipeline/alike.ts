/**
 * Decides: whether an answer to another wording is given: the same partition, the most alike turns in it, and the
 * judgement of the best of them. What is learnt and kept for those who ask next is keep-alike.ts.
 * Never: waits long, fails a request, or believes an entry before it has looked into it (bars.md P13).
 */
import { boundedTtl } from "../policy/cache/freshness.ts";
import { meaningOf } from "../policy/cache/key.ts";
import { type Judgement, pick } from "../policy/cache/semantic/judge.ts";
import { askedOf } from "../policy/cache/semantic/partition.ts";
import type { Deps } from "../ports.ts";
import type { IndexFound } from "../ports-semantic.ts";
import { generationFor, keyFor } from "./cache-name.ts";
import { embedTurn } from "./embed-turn.ts";
import { usable } from "./recall.ts";
import type { Run } from "./run.ts";
import type { Alike, Hit, Sought } from "./sought.ts";

/** Candidates that are judged. */
const CANDIDATES = 3;
/** Of a similarity that is told. */
const DECIMALS = 10_000;

type Found = Omit<Alike, "hit" | "unproven" | "shadow">;
type Chosen = { readonly found: IndexFound; readonly judgement: Judgement; readonly hit?: Hit };

const opened = async (
  deps: Deps,
  run: Run,
  { snapshot, asked }: Sought,
  { place: { tenant }, partition, ttl }: Found,
  { id }: IndexFound,
): Promise<Hit | undefined> => {
  const text = deps.cache.recent(tenant, id) ?? (await deps.cache.read(tenant, id));
  return usable(deps, snapshot, run, { name: partition, asked, ttl, cache: "semantic" }, text);
};

/** The first that is served and may be given to this caller; else the one with the least doubt. */
const choose = async (
  deps: Deps,
  run: Run,
  sought: Sought,
  here: Found,
): Promise<Chosen | undefined> => {
  const { index, place, partition, vector, turn } = here;
  const { threshold, maxError } = here.rules;
  const seen = await index.search(place, partition, vector, CANDIDATES);
  if (seen === undefined) return undefined;
  let left = seen.found.filter((one) => one.partition === partition);
  for (;;) {
    const picked = pick(turn, left, { threshold, maxError, tally: seen.tally });
    if (picked === undefined) return undefined;
    const { candidate: found, judgement } = picked;
    if (!judgement.serve) return { found, judgement };
    const hit = await opened(deps, run, sought, here, found);
    if (hit !== undefined) return { found, judgement, hit };
    left = left.filter(({ id }) => id !== found.id);
  }
};

const placed = async (
  deps: Deps,
  run: Run,
  { snapshot, rules, asked }: Sought,
  mayCall: boolean,
): Promise<Found | undefined> => {
  const { ask } = run;
  const { tenant, locationHint } = ask.caller;
  const { embedder, index: kind, ttl } = rules.semantic;
  const index = (await deps.loadSemantic()).index(kind);
  const target = snapshot.targets.get(embedder);
  const key = keyFor(snapshot, ask, rules, asked);
  // A model that is pointed somewhere else makes other vectors.
  const of = askedOf(key, target === undefined ? embedder : `${embedder} ${meaningOf(target)}`);
  if (index === undefined || of === undefined) return undefined;
  const { turn } = of;
  const { org, model } = generationFor(ask, asked, asked);
  const [scope, partition, vector] = await Promise.all([
    deps.cache.name(tenant, `index\n${key.scope}`),
    // After a purge it is another one: nothing of before is found any more.
    deps.cache.name(tenant, `partition ${org}.${model}\n${of.partition}`),
    embedTurn({ deps, snapshot, run, embedder, turn, scope: key.scope, mayCall }),
  ]);
  return (
    vector && {
      ...{ rules: rules.semantic, index, partition, turn, vector },
      place: { tenant, locationHint, scope },
      ttl: boundedTtl(ask.controls.cacheTtl, ttl),
    }
  );
};

/**
 * Undefined: nothing is found, and nothing kept, by likeness. `mayCall`: whether an embedding model may be
 * asked, because the request has been admitted.
 */
export const seekAlike = async (
  deps: Deps,
  run: Run,
  sought: Sought,
  mayCall: boolean,
): Promise<Alike | undefined> => {
  const here = await placed(deps, run, sought, mayCall);
  if (here === undefined) return undefined;
  const nothing = { ...here, hit: undefined, unproven: undefined, shadow: undefined };
  const chosen = sought.allowed.read ? await choose(deps, run, sought, here) : undefined;
  if (chosen === undefined) return nothing;
  const { found, judgement, hit } = chosen;
  const { similarity, doubt } = judgement;
  // What a rule keeps apart is no question of doubt.
  const unproven = doubt < 1 ? { id: found.id, doubt } : undefined;
  if (hit === undefined) return { ...nothing, unproven };
  if (here.rules.mode === "shadow") {
    return { ...nothing, unproven, shadow: `hit:${similarity.toFixed(2)}` };
  }
  // One in so many is asked again, so that somebody learns how often hits are wrong.
  if (here.rules.verify > 0 && deps.random() < here.rules.verify) return { ...nothing, unproven };
  here.index.used(here.place, found.id);
  const told = Math.min(1, Math.round(similarity * DECIMALS) / DECIMALS);
  return { ...nothing, hit: { ...hit, similarity: told } };
};
