/**
 * Decides: how a turn becomes a vector: by its letters here, or by a configured model, whose call is held for,
 * watched and billed like any other attempt of the request that it is made for.
 * Never: fails the request (faults.md F60), or goes beyond what its limits have room for.
 */
import { readJson } from "../base/json-body.ts";
import { isRecord } from "../base/record.ts";
import { ok } from "../base/result.ts";
import { EMBEDDED } from "../domain/config/defaults.ts";
import type { Snapshot } from "../domain/config/snapshot.ts";
import type { Target } from "../domain/target.ts";
import { meaningOf } from "../policy/cache/key.ts";
import { embedLexically, normalised } from "../policy/cache/semantic/embed.ts";
import { ownRules, rulesAt } from "../policy/limits/evaluate.ts";
import { holdFor } from "../policy/limits/hold.ts";
import { needsSizes } from "../policy/limits/reserve.ts";
import type { Deps } from "../ports.ts";
import type { Ask } from "./ask.ts";
import { sum } from "./bill.ts";
import { call } from "./call.ts";
import { formOf, prepareEmbeddings, tokensRead } from "./embeddings-form.ts";
import { heardNoWord } from "./heard.ts";
import { begin, type Run } from "./run.ts";

/** Milliseconds. Whoever takes longer would cost more time than a hit saves. */
const EMBED_WITHIN = 2_000;
/** Numbers of a vector. */
const MOST_DIMENSIONS = 4_096;

type EmbedTurn = {
  readonly deps: Deps;
  readonly snapshot: Snapshot;
  readonly run: Run;
  /** `lexical`, or a configured model. */
  readonly embedder: string;
  readonly turn: string;
  /** Who shares answers with whom. */
  readonly scope: string;
  /** Whether a model may be called: the request has been admitted. */
  readonly mayCall: boolean;
};

const vectorIn = (json: unknown): Float32Array | undefined => {
  const data = isRecord(json) && Array.isArray(json["data"]) ? json["data"] : [];
  const values: unknown = isRecord(data[0]) ? data[0]["embedding"] : undefined;
  if (!Array.isArray(values) || values.length === 0 || values.length > MOST_DIMENSIONS) {
    return undefined;
  }
  const vector = Float32Array.from(values, (value) => (typeof value === "number" ? value : NaN));
  return vector.every(Number.isFinite) && vector.some((value) => value !== 0)
    ? normalised(vector)
    : undefined;
};

/** A request of its own within the request: the same caller, bill, time and permit, and no key to run once under. */
const innerRun = ({ run, snapshot, embedder, turn }: EmbedTurn): Run | undefined => {
  const body = readJson(JSON.stringify({ model: embedder, input: turn }));
  if (!body.ok) return undefined;
  const { once: _once, ...outer } = run.ask;
  // Nothing is tried twice for it: without a vector the request goes on.
  const controls = { ...outer.controls, clientRetries: 1 };
  const ask: Ask = {
    ...{ ...outer, controls, body: body.value, forward: {} },
    endpoint: "embeddings",
    dialect: "openai-chat",
  };
  return {
    ...begin(ask, "embeddings", snapshot.version),
    bill: run.bill,
    upstreamTime: run.upstreamTime,
  };
};

/**
 * Holds what the call may cost beside what is held for the answer, so that nothing it uses is missing there.
 * False: nobody can say what it may cost, or some limit has no room for both.
 */
const covered = async (deps: Deps, run: Run, inner: Run, target: Target): Promise<boolean> => {
  const { permit, ask } = run;
  if (permit === undefined) return false;
  const { model } = target;
  const { rules } = permit;
  const own = ownRules(rules, model);
  const reserve = needsSizes(rulesAt(rules, model));
  const held = holdFor(target, inner.sizes(), reserve, deps.learned.sizes(model));
  if (!held.ok) return false;
  const { cost } = held.value;
  const { tokens, nanoUsd } = cost;
  if (own.length > 0 || tokens > 0 || nanoUsd > 0) {
    const extension = { model, rules, more: { tokens, nanoUsd }, own: cost };
    if (!(await deps.limiter.extend(ask.caller, ask.requestId, extension))) return false;
    permit.asking = model;
    permit.covered.set(model, { tokens, nanoUsd });
  }
  run.permit = {
    ...permit,
    holds: new Map([...permit.holds, [model, held.value]]),
    held: sum(permit.held, { tokens, nanoUsd }),
  };
  inner.permit = run.permit;
  return true;
};

const ask = async (of: EmbedTurn, target: Target): Promise<Float32Array | undefined> => {
  const { deps, run } = of;
  const inner = innerRun(of);
  if (inner === undefined || !(await covered(deps, run, inner, target))) return undefined;
  const before = run.bill.entries.length;
  const called = await call(deps, inner, {
    plan: {
      ...{ requested: target.model, route: "direct", targets: [target] },
      ...{ canary: undefined, shadow: [] },
    },
    totalAt: deps.clock.now() + EMBED_WITHIN,
    toTheEnd: false,
    fallbackOn: [],
    hedge: undefined,
    prepare: (each) => prepareEmbeddings(inner.ask, each),
  });
  if (!called.ok || called.value.answer.kind !== "whole") return undefined;
  const { json, ended } = called.value.answer;
  const form = formOf(target);
  const answer = form === undefined ? ok(json) : form.decode(json, inner.ask.body.value);
  const read = answer.ok ? tokensRead(inner.ask, target, answer.value) : undefined;
  ended(
    answer.ok ? "ok" : "fail",
    heardNoWord(read && { input_tokens: read.tokens, output_tokens: 0 }),
  );
  // The caller was given nothing of it.
  for (const entry of run.bill.entries.slice(before)) {
    entry.served = false;
    entry.estimated ||= read?.estimated === true;
  }
  return answer.ok ? vectorIn(answer.value) : undefined;
};

/** A vector of length 1; undefined where there is none to be had in time. */
export const embedTurn = async (of: EmbedTurn): Promise<Float32Array | undefined> => {
  const { deps, snapshot, run, embedder, turn, scope, mayCall } = of;
  if (embedder === EMBEDDED) return embedLexically(turn);
  const target = snapshot.targets.get(embedder);
  if (target === undefined) return undefined;
  // Under a name of the scope's own: how long this takes tells nobody what others have asked (faults.md F81).
  const text = `vector\n${scope}\n${meaningOf(target)}\n${turn}`;
  const name = await deps.cache.name(run.ask.caller.tenant, text);
  const { vectors } = await deps.loadSemantic();
  const known = vectors.get(name);
  if (known !== undefined || !mayCall) return known;
  const vector = await ask(of, target).catch(() => undefined);
  if (vector !== undefined) vectors.put(name, vector);
  return vector;
};
