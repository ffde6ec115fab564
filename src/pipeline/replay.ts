/**
 * Decides: how a kept answer is given: in the form that is asked for now, whichever it was kept in; what it
 * costs (one request) and what it saves.
 * Never: asks a provider.
 */
import { unfold } from "../dialects/unfold.ts";
import type { ChatResponse } from "../domain/chat.ts";
import type { Target } from "../domain/target.ts";
import type { Usage } from "../domain/usage.ts";
import type { Entry } from "../policy/cache/entry.ts";
import { ageOf } from "../policy/cache/freshness.ts";
import { costOf } from "../policy/usage/cost.ts";
import type { Deps } from "../ports.ts";
import type { Reply } from "./ask.ts";
import { freeEntry, ZERO_USAGE } from "./bill.ts";
import { answerOf } from "./kept-answer.ts";
import type { Run } from "./run.ts";
import { settle } from "./settled.ts";
import type { Hit } from "./sought.ts";
import { STREAM_TYPE, toldHeaders } from "./told-headers.ts";
import { streamWriter, writeWhole } from "./write-answer.ts";

export type Given = Pick<Entry, "kept" | "model" | "provider"> & { readonly cache?: "semantic" };

type For = Pick<Run, "ask" | "stream"> & { readonly mustTell?: boolean };

const asStream = (
  { ask, mustTell = false }: For,
  answer: ChatResponse,
  given: Given,
  now: number,
): string => {
  const { model, provider, cache = "hit" } = given;
  const write = streamWriter(ask, ask.dialect, now, {
    coda: () => ({ model, provider, cost_usd: 0, cache, attempts: 0 }),
    mustTell: () => mustTell,
  });
  return unfold(answer)
    .map((event) => write.encode(event))
    .join("");
};

/** The body of the reply, written at `now` (milliseconds since the epoch); undefined where what was kept cannot be read any more. */
export const replayed = (run: For, given: Given, now: number): string | undefined => {
  const { ask, stream } = run;
  const { kept } = given;
  if (!stream && kept.form === "whole") return kept.body;
  const answer = answerOf(ask, kept);
  if (answer === undefined) return undefined;
  if (stream) return asStream(run, answer, given, now);
  return writeWhole(ask, answer, ask.dialect, now);
};

/** Enters that the request was served without a provider: it counts, and costs nothing. */
export const giveFree = ({ bill }: Run, target: Target): void => {
  bill.entries.push(freeEntry(target, ZERO_USAGE));
};

/** What an answer that was given without asking anybody would have cost is what was saved. */
export const noteSaved = (run: Run, { price }: Target, usage: Usage | undefined): void => {
  run.savedNanoUsd = (usage && costOf(price, usage)) ?? 0;
};

/** `target`: the one that the request was admitted for. */
export const replay = (
  deps: Deps,
  run: Run,
  { entry, body, similarity }: Hit,
  target: Target,
): Reply => {
  const { record } = run;
  const now = deps.clock.now();
  record.cache = similarity === undefined ? "hit" : "semantic";
  run.similarity = similarity;
  record.model = entry.model;
  record.provider = entry.provider;
  record.upstream_model = entry.upstreamModel;
  if (run.stream) record.first_token_ms = now - record.at;
  run.savedNanoUsd = entry.costNanoUsd ?? 0;
  giveFree(run, target);
  settle(deps, run, { end: "whole" });
  const type = run.stream ? STREAM_TYPE : { "content-type": "application/json" };
  const age = { age: String(ageOf(entry, now)) };
  return { ok: true, status: 200, headers: { ...toldHeaders(run, now), ...age, ...type }, body };
};
