/**
 * Decides: how one try at one target goes: until there is an answer worth giving, or a verdict.
 * Never: tries again, and never lets a byte of a stream out before its first content.
 */

import { isRecord } from "../base/record.ts";
import { err, ok } from "../base/result.ts";
import { DIALECTS } from "../dialects/index.ts";
import type { DialectName } from "../domain/dialect-name.ts";
import { classifyFault } from "../policy/resilience/classify.ts";
import type { Deps, UpstreamAnswer } from "../ports.ts";
import type { Operation } from "../providers/provider.ts";
import { createFrameSource } from "./frame-source.ts";
import type { Heard } from "./heard.ts";
import { type Holding, holdBack } from "./hold-back.ts";
import { parseJson, readWhole } from "./read-whole.ts";
import { send } from "./send.ts";
import { speech } from "./speech.ts";
import { broken, type Outcome, type Trial, verdictOn, type Whole } from "./trial.ts";
import { createWatchdog, type Watchdog } from "./watchdog.ts";

/** F23: what a compressed body may inflate to. */
const MAX_WHOLE_BYTES = 32 * 1024 * 1024;
/** Enough for any provider's error; the rest of a page is nobody's business. */
const MAX_ERROR_BYTES = 64 * 1024;
/** Milliseconds. Its status says most of it: what else it says is not worth the wait for an answer. */
const ERROR_BODY_MS = 2_000;

/** The field without which a 200 is no answer, and what has to stand in it. */
type Bearing = Readonly<Record<string, (value: unknown) => boolean>>;

const isPresent = (value: unknown): boolean => value !== undefined;
const isList = (value: unknown): boolean => Array.isArray(value);
const isChoices = (value: unknown): boolean => Array.isArray(value) && isRecord(value[0]);
/** A message may be empty. */
const isBlocks = (value: unknown): boolean =>
  Array.isArray(value) && (value.length === 0 || isRecord(value[0]));

const BEARING: Readonly<
  Partial<Record<Operation, Readonly<Partial<Record<DialectName, Bearing>>>>>
> = {
  chat: {
    "openai-chat": { choices: isChoices, response: isPresent, tool_calls: isPresent },
    "anthropic-messages": { content: isBlocks },
    gemini: { candidates: isChoices, promptFeedback: isPresent },
  },
  embeddings: { "openai-chat": { data: isList }, gemini: { embeddings: isList } },
};

/** What a translated answer says; undefined where it cannot be read. One that passes is not read. */
const readAnswer = (
  { run, target, prepared }: Trial,
  json: Record<string, unknown>,
): Pick<Whole, "answer"> | undefined => {
  const bearing = BEARING[run.operation]?.[target.dialect];
  const bears = Object.entries(bearing ?? {}).some(([name, is]) => is(json[name]));
  if (bearing !== undefined && !bears) return undefined;
  if (run.operation !== "chat" || prepared.passes) return {};
  const decoded = speech(target).response.decode(json);
  return decoded.ok ? { answer: decoded.value } : undefined;
};

/** `lost`: told of an answer that had begun and that nobody is going to see the end of. */
export const attempt = async (
  deps: Deps,
  trial: Trial,
  lost: (heard: Heard) => void,
): Promise<Outcome> => {
  const { run, target } = trial;
  const watchdog = createWatchdog(deps.clock, trial.signal, trial.totalAt);
  const begun = deps.clock.now();
  watchdog.watch(
    run.stream ? "headers" : "response",
    run.stream ? target.timeouts.headers_ms : target.timeouts.response_ms,
  );
  const sent = await send(
    deps,
    {
      target,
      operation: run.operation,
      stream: run.stream,
      body: trial.prepared.body,
      key: trial.key,
      forward: run.ask.forward,
      totalAt: trial.totalAt,
    },
    watchdog.signal,
  );
  const outcome = sent.ok
    ? await judge(deps, { ...trial, lost }, sent.value, watchdog, begun)
    : err(broken(watchdog, sent.error));
  if (!outcome.ok) watchdog.close();
  else if (outcome.value.kind === "whole") watchdog.rest();
  return outcome;
};

const judge = async (
  deps: Deps,
  trial: Holding,
  answer: UpstreamAnswer,
  watchdog: Watchdog,
  begun: number,
): Promise<Outcome> => {
  const { status, headers } = answer;
  const type = headers.get("content-type")?.toLowerCase() ?? "";
  if (status !== 200) {
    if (status >= 200 && status < 400) return err(classifyFault({ fault: "invalid" }));
    return refusal(deps, trial, answer, watchdog);
  }
  if (trial.run.stream && type.includes("text/event-stream") && answer.body !== null) {
    watchdog.watch(
      "first_token",
      Math.max(0, trial.target.timeouts.first_token_ms - (deps.clock.now() - begun)),
    );
    return holdBack(deps, trial, createFrameSource(answer.body, watchdog), watchdog);
  }
  watchdog.watch("response", trial.target.timeouts.response_ms);
  return whole(deps, trial, answer, type, watchdog);
};

/** An answer that is not a 200. */
const refusal = async (
  deps: Deps,
  trial: Trial,
  answer: UpstreamAnswer,
  watchdog: Watchdog,
): Promise<Outcome> => {
  watchdog.watch("response", ERROR_BODY_MS);
  const text = await readWhole(answer, MAX_ERROR_BYTES);
  if (watchdog.cause() === "caller") return err("caller_left");
  const body = typeof text === "string" ? parseJson(text) : undefined;
  return err(verdictOn(deps, trial, answer, body, false));
};

const whole = async (
  deps: Deps,
  trial: Trial,
  answer: UpstreamAnswer,
  type: string,
  watchdog: Watchdog,
): Promise<Outcome> => {
  const { run, target } = trial;
  const text = await readWhole(answer, MAX_WHOLE_BYTES);
  if (typeof text !== "string") {
    return err(broken(watchdog, { fault: text.fault === "cut" ? "truncated" : "invalid" }));
  }
  const json = type === "" || type.includes("json") ? parseJson(text) : undefined;
  if (DIALECTS[target.dialect].error.decode(json) !== undefined) {
    return err(verdictOn(deps, trial, answer, json, true));
  }
  // A stream was asked for: one whole body instead is an answer that nobody can relay event by event.
  if (!isRecord(json) || run.stream) return err(classifyFault({ fault: "invalid" }));
  const read = readAnswer(trial, json);
  if (read === undefined) return err(classifyFault({ fault: "invalid" }));
  return ok({ kind: "whole", text, json, ...read, ended: () => {} });
};
