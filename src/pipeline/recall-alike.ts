/**
 * Decides: when an answer to another wording is looked for: where the exact one is not there and nobody under way
 * asks the same, at once with the built-in embedding, with a model's only once the request is admitted.
 * Never: looks itself; that is alike.ts, whose code is loaded with the first look.
 */
import { EMBEDDED } from "../domain/config/defaults.ts";
import type { Deps } from "../ports.ts";
import type { Run } from "./run.ts";
import type { Alike } from "./sought.ts";

/** `exactly`: whether the exact answer was found. `admitted`: whether the account has said yes. */
export const recallAlike = async (
  deps: Deps,
  run: Run,
  exactly: boolean,
  admitted: boolean,
): Promise<Alike | undefined> => {
  const { sought, operation, ask } = run;
  if (sought === undefined || exactly || operation !== "chat") return undefined;
  if (sought.rules.semantic.mode === "off") return undefined;
  // Who goes ahead is followed. Where he has found something, that is looked for, too; or he is gone.
  const state = sought.joined?.state() ?? "lost";
  if (state !== "found" && state !== "lost") return undefined;
  if (admitted === (sought.rules.semantic.embedder === EMBEDDED)) return undefined;
  const begun = deps.clock.now();
  const { seekAlike } = await import("./alike.ts");
  const alike = await seekAlike(deps, run, sought, admitted && ask.controls.cache !== "only");
  run.cacheMs = (run.cacheMs ?? 0) + deps.clock.now() - begun;
  sought.alike = alike;
  return alike;
};
