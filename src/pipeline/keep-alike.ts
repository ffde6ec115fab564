/**
 * Decides: what a fresh answer is good for among requests that ask nearly the same: kept for them, and a word on
 * the kept answer that was not given instead of it. The way back of alike.ts.
 * Never: costs the caller anything; it begins when the answer has left.
 */
import type { ChatResponse } from "../domain/chat.ts";
import { type Entry, newEntry, readEntry, writeEntry } from "../policy/cache/entry.ts";
import { lifetimeFrom } from "../policy/cache/freshness.ts";
import { verdictOn } from "../policy/cache/semantic/confirm.ts";
import type { Deps } from "../ports.ts";
import type { Ask } from "./ask.ts";
import { answerOf } from "./kept-answer.ts";
import type { Alike } from "./sought.ts";

/** Of several alternatives the first: they all answer the same. */
const wordsOf = (answer: ChatResponse): string =>
  (answer.choices[0]?.content ?? [])
    .map((part) => (part.type === "text" ? part.text : ""))
    .join("");

/** The candidate's answer, were the request to take it however old it is. */
const kept = async (
  deps: Deps,
  ask: Ask,
  { place: { tenant }, partition, rules }: Alike,
  id: string,
  { generation }: Entry,
): Promise<ChatResponse | undefined> => {
  const text = deps.cache.recent(tenant, id) ?? (await deps.cache.read(tenant, id));
  if (text === undefined) return undefined;
  const entry = readEntry(text, {
    ...{ key: partition, dialect: ask.dialect, now: deps.clock.now(), ttl: rules.ttl, generation },
    askedIsHealthy: true,
  });
  return entry.ok ? answerOf(ask, entry.value.kept) : undefined;
};

type Fresh = {
  /** As it is kept under the asked name for equal requests. */
  readonly entry: Entry;
  readonly answer: ChatResponse;
  /** Milliseconds since the epoch, when it is true no longer. */
  readonly until: number;
};

export const keepAlike = async (
  deps: Deps,
  ask: Ask,
  alike: Alike,
  { entry, answer, until }: Fresh,
): Promise<void> => {
  const { index, place, partition, turn, vector, rules, ttl, unproven } = alike;
  const { tenant } = place;
  if (unproven !== undefined) {
    const said = await kept(deps, ask, alike, unproven.id, entry);
    const verdict = said && verdictOn(wordsOf(said), wordsOf(answer));
    if (verdict !== undefined) index.learn(place, unproven.id, unproven.doubt, verdict);
  }
  const now = deps.clock.now();
  const life = lifetimeFrom(now, ttl, entry.generation, until);
  const seconds = (life.expiresAt - now) / 1_000;
  if (seconds <= 0) return;
  const { v: _, ...rest } = entry;
  const id = await deps.cache.name(tenant, `alike\n${partition}\n${turn}`);
  deps.cache.write(tenant, id, writeEntry(newEntry({ ...rest, ...life, key: partition })), seconds);
  index.insert(place, { id, partition, turn, vector, expiresAt: life.expiresAt }, rules.maxEntries);
};
