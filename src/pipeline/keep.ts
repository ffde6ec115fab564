/**
 * Decides: what is kept of an answer for those who ask the same later, and shown of it to those who ask the same
 * now; the way back of recall.ts.
 * Never: costs the caller anything: what is shown is there anyway, and keeping begins when the answer has left.
 */

import { fold } from "../dialects/fold.ts";
import type { ChatResponse } from "../domain/chat.ts";
import { BREAKER } from "../domain/config/defaults.ts";
import type { Target } from "../domain/target.ts";
import { type Kept, newEntry, writeEntry } from "../policy/cache/entry.ts";
import { lifetimeFrom } from "../policy/cache/freshness.ts";
import { type Place, placesFor, type Served } from "../policy/cache/keep-under.ts";
import { unstorable } from "../policy/cache/storable.ts";
import { costOf } from "../policy/usage/cost.ts";
import type { Deps } from "../ports.ts";
import { PROVIDERS } from "../providers/index.ts";
import { generationFor, keyTextFor } from "./cache-name.ts";
import type { Run } from "./run.ts";
import type { Sought } from "./sought.ts";
import type { Live } from "./trial.ts";
import { writeWhole } from "./write-answer.ts";

const OK = 200;

/** What came of a request; `answer` is undefined for embeddings. */
type Made = {
  readonly kept: Kept;
  readonly answer: ChatResponse | undefined;
  readonly isComplete: boolean;
};

/** Whether the target's answers leave as they come. */
export const passes = ({ ask }: Pick<Run, "ask">, target: Target): boolean =>
  target.dialect === ask.dialect && PROVIDERS[target.kind].accent === undefined;

/** `answer`: undefined where it cannot be read; then it is not kept. */
export const madeOfWhole = (body: string, answer: ChatResponse | undefined): Made | undefined =>
  answer && { kept: { form: "whole", body }, answer, isComplete: true };

/** A stream as one answer: in the caller's own dialect, whoever gave it. */
export const madeOfStream = (
  run: Run,
  { line, target }: Pick<Live, "line" | "target">,
  now: number,
): Made | undefined => {
  const said = line.said();
  if (said === undefined) return undefined;
  const { ask } = run;
  const answer = fold(said);
  const isComplete = line.facts.finished && line.facts.malformed === 0;
  if (passes(run, target)) return { kept: { form: "folded", answer }, answer, isComplete };
  const body = writeWhole(ask, answer, target.dialect, now);
  return { kept: { form: "whole", body }, answer, isComplete };
};

/** Milliseconds since the epoch until which the asked model is down; undefined: it is not. */
const downUntil = (deps: Deps, target: Target | undefined): number | undefined => {
  const health = target && deps.health.view(target);
  if (health === undefined || health.state === "closed") return undefined;
  // Nobody knows when an isolated target comes back.
  return health.until ?? deps.clock.now() + BREAKER.open_ms;
};

/** What leads elsewhere by a share of the traffic or of a budget is nobody else's answer. */
const isLed = ({ record: { route, canary } }: Run): boolean =>
  canary?.arm === "candidate" || route.startsWith("budget:");

const placesOf = (
  deps: Deps,
  run: Run,
  { snapshot, asked, ttl }: Sought,
  gave: string,
  until: number,
): readonly Place[] => {
  const now = deps.clock.now();
  const isModel = snapshot.targets.has(asked);
  const served: Served = {
    ...{ asked, gave },
    fallback: isModel ? gave !== asked : run.record.fallback_from !== undefined,
    unhealthyUntil: downUntil(deps, snapshot.targets.get(asked)),
  };
  const life = lifetimeFrom(now, ttl, generationFor(run.ask, asked, gave), until);
  const places = placesFor(served, life, now);
  return isLed(run) ? places.filter(({ model }) => model === gave) : places;
};

/** Milliseconds since the epoch: when what was asked about is another thing (`trueUntil`). */
const untilFor = async ({ operation, ask }: Run, { dating }: Sought): Promise<number> => {
  if (operation !== "chat") return Number.POSITIVE_INFINITY;
  const { trueUntil } = await dating;
  return trueUntil(ask.body.value, ask.at);
};

const write = async (
  deps: Deps,
  run: Run,
  sought: Sought,
  { kept, answer, isComplete }: Made,
): Promise<void> => {
  const { ask, record, bill } = run;
  const served = bill.entries.findLast((each) => each.served && !each.isFree);
  if (served === undefined) return;
  const { target, usage } = served;
  const facts = {
    // A caller who has left has left a whole answer behind where others followed him.
    status: record.error_code === undefined ? OK : record.status,
    complete: isComplete,
    recovered: run.recovered !== undefined,
    guarded: false,
    bytes: kept.form === "whole" ? kept.body.length : JSON.stringify(kept.answer).length,
  };
  if (unstorable(facts, answer) !== undefined) return;
  const until = await untilFor(run, sought);
  const now = deps.clock.now();
  for (const { model, expiresAt, standIn } of placesOf(deps, run, sought, target.model, until)) {
    const text = keyTextFor(sought.snapshot, ask, sought.rules, model);
    const isAsked = model === sought.asked;
    const key = isAsked ? sought.name : await deps.cache.name(ask.caller.tenant, text);
    const entry = newEntry({
      ...{ key, dialect: ask.dialect, kept, usage, standIn, expiresAt },
      ...{ model: target.model, provider: target.provider },
      upstreamModel: record.upstream_model,
      costNanoUsd: usage && costOf(target.price, usage),
      storedAt: now,
      generation: generationFor(ask, model, target.model),
    });
    deps.cache.write(ask.caller.tenant, key, writeEntry(entry), (expiresAt - now) / 1_000);
    const { alike } = sought;
    // A stand-in's answer is no word on what the asked one would say.
    if (isAsked && !standIn && answer !== undefined && alike !== undefined) {
      const near = import("./keep-alike.ts").then(({ keepAlike }) =>
        keepAlike(deps, ask, alike, { entry, answer, until }),
      );
      // By itself: those who follow wait for the end of what is kept for equals.
      deps.background(near.catch(() => undefined));
    }
  }
};

/** Keeps what `make` makes of the answer, where it is to be kept, and ends the request's flight. */
export const keep = (deps: Deps, run: Run, make: () => Made | undefined): void => {
  const { sought } = run;
  if (sought === undefined) return;
  // Who followed another leaves it to that one.
  if (run.record.attempts === 0) {
    sought.lead?.end("over");
    return;
  }
  sought.lead?.keeping();
  const work = async (): Promise<void> => {
    // The answer goes first.
    await new Promise<void>((done) => void deps.clock.after(0, done));
    const made = sought.allowed.write ? make() : undefined;
    if (made !== undefined) await write(deps, run, sought, made);
  };
  const end = (): void => sought.lead?.end("over");
  deps.background(work().then(end, end));
};
