/**
 * Decides: what happens to an embeddings request.
 * Never: falls back to another model: vectors of two models cannot be compared.
 */
import { err, ok } from "../base/result.ts";
import type { Snapshot } from "../domain/config/snapshot.ts";
import { type Failure, failure } from "../domain/error.ts";
import type { Deps } from "../ports.ts";
import type { Ask, Reply } from "./ask.ts";
import { type Called, call } from "./call.ts";
import { totalAt } from "./choose.ts";
import { formOf, prepareEmbeddings, tokensRead } from "./embeddings-form.ts";
import { endedByBug } from "./ended-by-bug.ts";
import { enter } from "./enter.ts";
import { followOr } from "./follow-or.ts";
import { heardNoWord } from "./heard.ts";
import { keep } from "./keep.ts";
import { remember } from "./remember.ts";
import { replay } from "./replay.ts";
import { begin, isGiven, type Run } from "./run.ts";
import { refuse, settle } from "./settled.ts";
import { toldHeaders } from "./told-headers.ts";
import type { Whole } from "./trial.ts";
import { turnedAway } from "./turned-away.ts";

/** More than any model has; a bound for what the built-in ones are asked for. */
const MOST_DIMENSIONS = 65_536;

const isInput = (value: unknown): boolean =>
  typeof value === "string" ? value !== "" : Array.isArray(value) && value.length > 0;

const checkEmbeddings = ({ body: { value } }: Ask): Failure | undefined => {
  const wrong = (param: string): Failure => failure("invalid_parameter", { param });
  if (!isInput(value["input"])) return wrong("input");
  const dimensions = value["dimensions"] ?? 1;
  const whole = Number.isSafeInteger(dimensions);
  if (!whole || Number(dimensions) < 1 || Number(dimensions) > MOST_DIMENSIONS) {
    return wrong("dimensions");
  }
  const format = value["encoding_format"] ?? "float";
  return format === "float" || format === "base64" ? undefined : wrong("encoding_format");
};

const answered = (deps: Deps, run: Run, called: Called, { text, json, ended }: Whole): Reply => {
  const { target, prepared } = called;
  const form = formOf(target);
  const answer = form === undefined ? ok(json) : form.decode(json, run.ask.body.value);
  if (!answer.ok) {
    ended("fail", heardNoWord(undefined));
    return refuse(deps, run, failure("upstream_invalid"));
  }
  run.dropped = prepared.dropped;
  // What is not in OpenAI's form names no model.
  if (form === undefined && typeof json["model"] === "string") {
    run.record.upstream_model = json["model"];
  }
  const { tokens, estimated } = tokensRead(run.ask, target, answer.value);
  run.record.estimated = estimated;
  const used = { input_tokens: tokens };
  ended("ok", heardNoWord(used));
  const shown = { kind: "whole", text, json } as const;
  const { passes, dropped } = prepared;
  if (!isGiven(run.record)) run.sought?.lead?.show({ target, passes, dropped, answer: shown });
  settle(deps, run, { end: "whole" });
  // OpenAI's SDKs count on `usage` and `model`, which not every provider gives.
  const usage = { prompt_tokens: tokens, total_tokens: tokens };
  const translated = { ...answer.value, model: target.upstream, usage };
  const body = form === undefined ? text : JSON.stringify(translated);
  const kept = { form: "whole", body } as const;
  keep(deps, run, () => ({ kept, answer: undefined, isComplete: true }));
  return {
    ok: true,
    status: 200,
    headers: {
      ...toldHeaders(run, deps.clock.now()),
      "content-type": "application/json",
      ...(estimated && { "x-headgate-estimated": "true" }),
    },
    body,
  };
};

export const embeddings = (deps: Deps, ask: Ask): Promise<Reply> =>
  remember(deps, ask, (asked) => story(deps, asked));

const story = async (deps: Deps, ask: Ask): Promise<Reply> => {
  const snapshot = await deps.settings.current();
  const run = begin(ask, "embeddings", snapshot.version);
  return endedByBug(deps, run, () => told(deps, snapshot, run));
};

const told = async (deps: Deps, snapshot: Snapshot, run: Run): Promise<Reply> => {
  const { ask } = run;
  const wrong = checkEmbeddings(ask);
  const entered = wrong === undefined ? await enter(deps, snapshot, run) : err(wrong);
  if (!entered.ok) return turnedAway(deps, run, entered.error, story);
  const { plan, hit } = entered.value;
  if (hit !== undefined) return replay(deps, run, hit, plan.targets[0]);
  const follow = { plan, totalAt: totalAt(run, plan), toTheEnd: false };
  const called = await followOr(deps, run, follow, () =>
    call(deps, run, {
      ...follow,
      fallbackOn: [],
      hedge: undefined,
      prepare: (target) => prepareEmbeddings(ask, target),
    }),
  );
  if (!called.ok) return refuse(deps, run, called.error);
  const { answer } = called.value;
  if (answer.kind !== "whole") return refuse(deps, run, failure("upstream_invalid"));
  return answered(deps, run, called.value, answer);
};
