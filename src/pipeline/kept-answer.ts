/**
 * Decides: how what was kept of an answer is read again.
 * Never: writes it in another form; that is replay.ts.
 */
import { DIALECTS } from "../dialects/index.ts";
import type { ChatResponse } from "../domain/chat.ts";
import type { Kept } from "../policy/cache/entry.ts";
import type { Ask } from "./ask.ts";
import { parseJson } from "./read-whole.ts";

/** Undefined where it cannot be read any more. Kept is what the caller's own dialect says. */
export const answerOf = ({ dialect }: Ask, kept: Kept): ChatResponse | undefined => {
  if (kept.form === "folded") return kept.answer;
  const decoded = DIALECTS[dialect].response.decode(parseJson(kept.body));
  return decoded.ok ? decoded.value : undefined;
};
