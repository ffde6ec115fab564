/**
 * Decides: what happens to a chat request, from the key to the last byte. Read this first.
 * Never: decides anything itself; each line is a stage with a file of its own.
 *
 * The key was verified by the door (`authenticate`), because every route of the data plane needs it.
 */
import { err } from "../base/result.ts";
import type { Snapshot } from "../domain/config/snapshot.ts";
import { recoveryMode } from "../policy/resilience/recovery.ts";
import type { Deps } from "../ports.ts";
import { answered } from "./answer.ts";
import type { Ask, Reply } from "./ask.ts";
import { call } from "./call.ts";
import { checkChat } from "./check.ts";
import { totalAt } from "./choose.ts";
import { endedByBug } from "./ended-by-bug.ts";
import { enter } from "./enter.ts";
import { followOr } from "./follow-or.ts";
import { isReply, withPatience } from "./patience.ts";
import { prepare } from "./prepare.ts";
import { remember } from "./remember.ts";
import { replay } from "./replay.ts";
import { begin, type Run } from "./run.ts";
import { refuse } from "./settled.ts";
import { turnedAway } from "./turned-away.ts";

/** With an Idempotency-Key the story is told once; whoever repeats it is given what came of it. */
export const chat = (deps: Deps, ask: Ask): Promise<Reply> =>
  remember(deps, ask, (asked) => story(deps, asked));

const story = async (deps: Deps, ask: Ask): Promise<Reply> => {
  const snapshot = await deps.settings.current(); // one version, from start to end
  const run = begin(ask, "chat", snapshot.version);
  return endedByBug(deps, run, () => told(deps, snapshot, run));
};

const told = async (deps: Deps, snapshot: Snapshot, run: Run): Promise<Reply> => {
  const { ask } = run;
  const wrong = checkChat(ask);
  // An ordered list of targets, and what they may use is reserved – at all levels, or nothing is. Meanwhile a
  // kept answer is looked for.
  const entered = wrong === undefined ? await enter(deps, snapshot, run) : err(wrong);
  if (!entered.ok) return turnedAway(deps, run, entered.error, story);
  const { plan, hit } = entered.value;
  if (hit !== undefined) return replay(deps, run, hit, plan.targets[0]);
  const { resilience = {} } = snapshot.config;
  const isChat = ask.dialect === "openai-chat";
  const mode = recoveryMode(ask.controls.recovery, resilience.recovery, isChat);
  const deadline = totalAt(run, plan);
  const follow = { plan, totalAt: deadline, toTheEnd: run.stream && mode === "hold" };
  const callModel = () =>
    call(deps, run, {
      ...follow,
      fallbackOn: resilience.fallback_on ?? [],
      hedge: resilience.hedge?.enabled === true ? resilience.hedge : undefined,
      prepare: (target) => prepare(run, target),
    }); // attempts, timeouts, fallback
  const calling = followOr(deps, run, follow, callModel); // or what an equal request is given at this moment
  const resuming = { mode, totalAt: deadline };
  const called = await withPatience(deps, run, calling, resuming); // a sign of life when it takes long
  if (isReply(called)) return called;
  if (!called.ok) return refuse(deps, run, called.error);
  return answered(deps, run, called.value, resuming); // a body, or a stream that survives; then settled
};
