/**
 * Decides: how an answer in canonical form is written in the caller's dialect, as one body or event by event.
 * Never: is asked where an answer passes: that leaves as it came.
 */
import type { StreamEncoder } from "../dialects/dialect.ts";
import { DIALECTS } from "../dialects/index.ts";
import type { ChatResponse } from "../domain/chat.ts";
import type { DialectName } from "../domain/dialect-name.ts";
import type { Target } from "../domain/target.ts";
import type { Ask } from "./ask.ts";
import { wantsUsage } from "./prepare.ts";

/** An answer with the name of a model: a prompt that Gemini blocks is answered without. */
export const named = (answer: ChatResponse, { upstream }: Target): ChatResponse => ({
  ...answer,
  model: answer.model || upstream,
});

/** The body. `from`: the dialect in which it was given. `now`: milliseconds since the epoch. */
export const writeWhole = (
  { dialect, requestId }: Ask,
  answer: ChatResponse,
  from: DialectName,
  now: number,
): string => {
  const created = Math.floor(now / 1000);
  const context = { requestId, created, includeUsage: true, from };
  return JSON.stringify(DIALECTS[dialect].response.encode(answer, context));
};

/** `last`: what the last event tells of the gateway's own. */
export const streamWriter = (
  ask: Ask,
  from: DialectName,
  now: number,
  last: {
    readonly coda: () => Readonly<Record<string, unknown>>;
    readonly mustTell: () => boolean;
  },
): StreamEncoder =>
  DIALECTS[ask.dialect].stream.encoder({
    requestId: ask.requestId,
    created: Math.floor(now / 1000),
    from,
    includeUsage: ask.dialect !== "openai-chat" || wantsUsage(ask),
    ...last,
  });
