/**
 * Decides: what happens to a chat request, from the key to the last byte. Read this first.
 * Never: decides anything itself; each line is a stage with a file of its own.
 *
 * The key was verified by the door (`authenticate`), because every route of the data plane needs it.
 */
import { err } from "../base/result.ts";
import { recoveryMode } from "../policy/resilience/recovery.ts";
import type { Deps } from "../ports.ts";
import { answered } from "./answer.ts";
import type { Ask, Reply } from "./ask.ts";
import { call } from "./call.ts";
import { checkChat } from "./check.ts";
import { choose, totalAt } from "./choose.ts";
import { isReply, withPatience } from "./patience.ts";
import { prepare } from "./prepare.ts";
import { begin } from "./run.ts";
import { refuse } from "./settled.ts";

export const chat = async (deps: Deps, ask: Ask): Promise<Reply> => {
  const snapshot = await deps.settings.current(); // one version, from start to end
  const run = begin(ask, "chat", snapshot.version);
  const wrong = checkChat(ask);
  const plan = wrong === undefined ? choose(deps, snapshot, run) : err(wrong); // an ordered list of targets
  if (!plan.ok) return refuse(deps, run, plan.error);
  const { resilience = {} } = snapshot.config;
  const isChat = ask.dialect === "openai-chat";
  const mode = recoveryMode(ask.controls.recovery, resilience.recovery, isChat);
  const deadline = totalAt(run, plan.value);
  const calling = call(deps, run, {
    plan: plan.value,
    totalAt: deadline,
    toTheEnd: run.stream && mode === "hold",
    fallbackOn: resilience.fallback_on ?? [],
    hedge: resilience.hedge?.enabled === true ? resilience.hedge : undefined,
    prepare: (target) => prepare(ask, target, run.canonical),
  }); // attempts, timeouts, fallback
  const resuming = { mode, totalAt: deadline };
  const called = await withPatience(deps, run, calling, resuming); // a sign of life when it takes long
  if (isReply(called)) return called;
  if (!called.ok) return refuse(deps, run, called.error);
  return answered(deps, run, called.value, resuming); // a body, or a stream that survives; then settled
};
