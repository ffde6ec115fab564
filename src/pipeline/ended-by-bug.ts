/**
 * Decides: that a request which a bug has thrown out of its story ends all the same: what is held for it is let
 * go, and the ledger says what happened.
 * Never: hides the bug: it goes on to the door, which answers 500 and logs it, or stands in the record.
 */
import { failure } from "../domain/error.ts";
import type { Deps } from "../ports.ts";
import type { Reply } from "./ask.ts";
import type { Run } from "./run.ts";
import { settle } from "./settled.ts";

export const endedByBug = async (
  deps: Deps,
  run: Run,
  story: () => Promise<Reply>,
): Promise<Reply> => {
  try {
    return await story();
  } catch (bug) {
    if (!run.isSettled) settle(deps, run, failure("internal_error"));
    throw bug;
  }
};

/** The same behind an answer that has begun: there is nobody to give the bug to, and its stream breaks off. */
export const brokenOffByBug = async (
  deps: Deps,
  run: Run,
  writer: Pick<WritableStreamDefaultWriter, "abort">,
): Promise<void> => {
  if (!run.isSettled) settle(deps, run, failure("internal_error"));
  await writer.abort().catch(() => {});
};
