/**
 * Decides: how a kept answer is given: in the form that is asked for now, whichever it was kept in; what it
 * costs (one request) and what it saves.
 * Never: asks a provider.
 */
import { DIALECTS } from "../dialects/index.ts";
import { unfold } from "../dialects/unfold.ts";
import type { ChatResponse } from "../domain/chat.ts";
import type { Target } from "../domain/target.ts";
import type { Entry } from "../policy/cache/entry.ts";
import { ageOf } from "../policy/cache/freshness.ts";
import type { Deps } from "../ports.ts";
import type { Ask, Reply } from "./ask.ts";
import { answerOf } from "./kept-answer.ts";
import { wantsUsage } from "./prepare.ts";
import type { Run } from "./run.ts";
import { settle } from "./settled.ts";
import type { Hit } from "./sought.ts";
import { STREAM_TYPE, toldHeaders } from "./told-headers.ts";

export type Given = Pick<Entry, "kept" | "model" | "provider"> & { readonly cache?: "semantic" };

/** `now`: milliseconds since the epoch. */
const contextOf = (ask: Ask, now: number) => ({
  requestId: ask.requestId,
  created: Math.floor(now / 1000),
  from: ask.dialect,
});

type For = Pick<Run, "ask" | "stream"> & { readonly mustTell?: boolean };

const asStream = (
  { ask, mustTell = false }: For,
  answer: ChatResponse,
  given: Given,
  now: number,
): string => {
  const { model, provider, cache = "hit" } = given;
  const write = DIALECTS[ask.dialect].stream.encoder({
    ...contextOf(ask, now),
    includeUsage: ask.dialect !== "openai-chat" || wantsUsage(ask),
    coda: () => ({ model, provider, cost_usd: 0, cache, attempts: 0 }),
    mustTell: () => mustTell,
  });
  return unfold(answer)
    .map((event) => write.encode(event))
    .join("");
};

/** The body of the reply; undefined where what was kept cannot be read any more. */
export const replayed = (run: For, given: Given, now: number): string | undefined => {
  const { ask, stream } = run;
  const { kept } = given;
  if (!stream && kept.form === "whole") return kept.body;
  const answer = answerOf(ask, kept);
  if (answer === undefined) return undefined;
  if (stream) return asStream(run, answer, given, now);
  const context = { ...contextOf(ask, now), includeUsage: true };
  return JSON.stringify(DIALECTS[ask.dialect].response.encode(answer, context));
};

/** Enters that the request was served without a provider: it counts, and costs nothing. */
export const giveFree = ({ bill }: Run, target: Target): void => {
  const nothing = { tokens: 0, nanoUsd: 0 };
  const usage = { input_tokens: 0, output_tokens: 0 };
  const entry = { target, hold: nothing, floor: () => usage, usage, estimated: false };
  bill.entries.push({ ...entry, isFree: true, served: true });
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
