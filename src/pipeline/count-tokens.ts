/**
 * Decides: how many tokens a messages request has: Anthropic's own count where it serves the model,
 * the gateway's estimate for everybody else.
 * Never: falls back from the one to the other in silence: an estimate says that it is one.
 */
import { err } from "../base/result.ts";
import type { Snapshot } from "../domain/config/snapshot.ts";
import { failure } from "../domain/error.ts";
import type { Plan } from "../policy/routing/plan.ts";
import { estimateInput } from "../policy/tokens/estimate.ts";
import { encodingOf, familyOf } from "../policy/tokens/families.ts";
import type { Deps } from "../ports.ts";
import { PROVIDERS } from "../providers/index.ts";
import { admit } from "./admit.ts";
import type { Ask, Reply } from "./ask.ts";
import { freeEntry } from "./bill.ts";
import { call } from "./call.ts";
import { checkChat } from "./check.ts";
import { totalAt } from "./choose.ts";
import { endedByBug } from "./ended-by-bug.ts";
import { heardNoWord } from "./heard.ts";
import { prepare } from "./prepare.ts";
import { remember } from "./remember.ts";
import { begin, type Run } from "./run.ts";
import { tellServed } from "./served.ts";
import { refuse, settle } from "./settled.ts";
import { toldHeaders } from "./told-headers.ts";
import { turnedAway } from "./turned-away.ts";

const JSON_TYPE = { "content-type": "application/json" };

const answered = (deps: Deps, run: Run, body: string, more: Record<string, string> = {}): Reply => {
  settle(deps, run, { end: "whole" });
  const headers = { ...toldHeaders(run, deps.clock.now()), ...JSON_TYPE, ...more };
  return { ok: true, status: 200, headers, body };
};

const estimated = async (deps: Deps, run: Run, plan: Plan): Promise<Reply> => {
  const [target] = plan.targets;
  const request = run.canonical();
  if (!request.ok) return refuse(deps, run, request.error);
  tellServed(run, plan, target);
  // The work was ours: it counts as a request, and costs nothing.
  run.bill.entries.push(freeEntry(target));
  const tokenizer = await deps.loadTokenizer(encodingOf(target.upstream));
  const family = familyOf(target.kind, target.upstream);
  const tokens = Math.ceil(estimateInput(request.value, family, tokenizer));
  const body = JSON.stringify({ input_tokens: tokens });
  // Its row is written at once, and says what was asked.
  await run.marked;
  return answered(deps, run, body, { "x-headgate-estimated": "true" });
};

export const countTokens = (deps: Deps, ask: Ask): Promise<Reply> =>
  remember(deps, ask, (asked) => story(deps, asked));

const story = async (deps: Deps, ask: Ask): Promise<Reply> => {
  const snapshot = await deps.settings.current();
  const run = begin(ask, "count_tokens", snapshot.version);
  return endedByBug(deps, run, () => told(deps, snapshot, run));
};

const told = async (deps: Deps, snapshot: Snapshot, run: Run): Promise<Reply> => {
  const { ask } = run;
  const wrong = checkChat(ask);
  const plan = wrong === undefined ? await admit(deps, snapshot, run) : err(wrong);
  if (!plan.ok) return turnedAway(deps, run, plan.error, story);
  const [first] = plan.value.targets;
  if (!PROVIDERS[first.kind].operations.has("count_tokens")) {
    return estimated(deps, run, plan.value);
  }
  const called = await call(deps, run, {
    plan: { ...plan.value, targets: [first] },
    totalAt: totalAt(run, plan.value),
    toTheEnd: false,
    fallbackOn: [],
    hedge: undefined,
    prepare: (target) => prepare(run, target),
  });
  if (!called.ok) return refuse(deps, run, called.error);
  const { answer } = called.value;
  answer.ended("ok", heardNoWord({}));
  return answer.kind === "whole"
    ? answered(deps, run, answer.text)
    : refuse(deps, run, failure("upstream_invalid"));
};
