/**
 * Decides: which way a target's frames take to this caller: passed through, or translated.
 * Never: differs for a provider; only dialects count.
 */
import type { Dialect } from "../dialects/dialect.ts";
import { DIALECTS } from "../dialects/index.ts";
import type { Target } from "../domain/target.ts";
import { costOf } from "../policy/usage/cost.ts";
import type { Facts, Line } from "./line.ts";
import { createPassLine } from "./pass-line.ts";
import { type Prepared, wantsUsage } from "./prepare.ts";
import type { Run } from "./run.ts";
import { createTranslateLine } from "./translate-line.ts";

/** The `headgate` object in the usage chunk. Nano-USD become USD. */
const codaFor =
  ({ record }: Run, target: Target) =>
  (facts: Facts): Readonly<Record<string, unknown>> => ({
    model: target.model,
    provider: target.provider,
    cost_usd:
      facts.usage === undefined || target.price === undefined
        ? null
        : (costOf(target.price, facts.usage) ?? 0) / 1e9,
    cache: "off",
    attempts: record.attempts,
  });

/** `now`: milliseconds since the epoch, for dialects whose chunks carry a time. */
export const lineFor = (
  run: Run,
  target: Target,
  prepared: Prepared,
  dialect: Dialect,
  now: number,
): Line => {
  const { ask } = run;
  const isChat = ask.dialect === "openai-chat";
  const coda = codaFor(run, target);
  if (prepared.passes) {
    return createPassLine(dialect, { usageChunk: isChat ? wantsUsage(ask) : undefined, coda });
  }
  return createTranslateLine(
    dialect.stream.decoder(),
    DIALECTS[ask.dialect].stream.encoder,
    {
      requestId: ask.requestId,
      created: Math.floor(now / 1000),
      from: target.dialect,
      includeUsage: !isChat || wantsUsage(ask),
    },
    isChat ? coda : undefined,
  );
};
