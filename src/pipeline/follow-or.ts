/**
 * Decides: whether a request asks, or is given what an equal one is given at the same time, here or elsewhere.
 * Never: loads anything for one that nobody goes ahead of.
 */
import type { Deps } from "../ports.ts";
import type { CallOutcome } from "./call.ts";
import type { Follow } from "./follow.ts";
import type { Run } from "./run.ts";

/** What the equal request is given, or what `ask` brings once there is none. */
export const followOr = async (
  deps: Deps,
  run: Run,
  follow: Follow,
  ask: () => Promise<CallOutcome>,
): Promise<CallOutcome> => {
  const { sought, permit } = run;
  if (sought === undefined) return ask();
  const ahead = permit?.granted.ahead ?? run.ask.requestId;
  if (sought.joined === undefined && ahead === run.ask.requestId) return ask();
  const { following } = await import("./follow.ts");
  return following(deps, run, sought, follow, ask);
};
