/**
 * Decides: the body that goes to one target: the caller's own bytes with the gateway's few fields
 * edited, or a translation.
 * Never: parses a body twice, and never touches a field that it does not own.
 */

import { hasLongNumber, parseExactJson } from "../base/exact-json.ts";
import { editJson } from "../base/json-body.ts";
import { isRecord } from "../base/record.ts";
import { ok, type Result } from "../base/result.ts";
import { DIALECTS } from "../dialects/index.ts";
import type { ChatRequest } from "../domain/chat.ts";
import type { Failure } from "../domain/error.ts";
import type { Target } from "../domain/target.ts";
import { PROVIDERS } from "../providers/index.ts";
import type { Ask } from "./ask.ts";

export type Prepared = {
  readonly body: string;
  /** Hints that this target cannot be given, by the caller's field name. */
  readonly dropped: readonly string[];
  /** The target speaks the caller's dialect, without an accent: answers leave as they come. */
  readonly passes: boolean;
};

/** Fields that are said to the gateway and to nobody else. */
export const OWN_FIELDS = {
  headgate: undefined,
  fallback_models: undefined,
  models: undefined,
  use_cache: undefined,
} as const;

export const wantsStream = (ask: Ask): boolean => ask.body.value["stream"] === true;

/** Whether an OpenAI caller asked for the usage chunk. */
export const wantsUsage = (ask: Ask): boolean => {
  const options = ask.body.value["stream_options"];
  return isRecord(options) && options["include_usage"] === true;
};

/** Usage is always asked for: a stream without it cannot be accounted for. */
const streamOptions = (ask: Ask, target: Target): Record<string, unknown> => {
  if (target.dialect !== "openai-chat" || !wantsStream(ask)) return {};
  if (!PROVIDERS[target.kind].quirks.streamOptions) return { stream_options: undefined };
  const asked = ask.body.value["stream_options"];
  return { stream_options: { ...(isRecord(asked) ? asked : {}), include_usage: true } };
};

/** Tokens that limits allow for one answer; undefined: as the caller says. */
export type OutputCap = number | undefined;

/** The output cap under the name that the provider knows: the one that limits give, else the caller's own. */
const outputCap = (
  body: Readonly<Record<string, unknown>>,
  target: Target,
  given: OutputCap,
): Record<string, unknown> => {
  const { max_completion_tokens: newer, max_tokens: older } = body;
  const isOlder = PROVIDERS[target.kind].quirks.olderOutputCap;
  if (target.dialect === "anthropic-messages")
    return given === undefined ? {} : { max_tokens: given };
  if (target.dialect === "gemini") return {};
  if (given !== undefined) {
    return isOlder || (newer === undefined && older !== undefined)
      ? { max_completion_tokens: undefined, max_tokens: given }
      : { max_tokens: undefined, max_completion_tokens: given };
  }
  if (!isOlder || newer === undefined) return {};
  return { max_completion_tokens: undefined, max_tokens: older ?? newer };
};

/** The body for whoever writes it anew: no digit of a long number is lost. */
const exactValue = ({ body: { text, value } }: Ask): Record<string, unknown> => {
  const exact = hasLongNumber(text) ? parseExactJson(text) : value;
  return isRecord(exact) ? exact : value;
};

const edited = (ask: Ask, target: Target, cap: OutputCap): Prepared => {
  const { clear } = DIALECTS[target.dialect].request;
  const { quirks, baseUrl } = PROVIDERS[target.kind];
  const isAtHome = target.baseUrl === undefined || target.baseUrl === baseUrl;
  const clearFor = {
    model: target.upstream,
    refusesThoughts: quirks.refusesThoughts && isAtHome,
  };
  // Looked at as it was parsed; only a body that has to be written anew is read once more, for its digits.
  const isMixed = clear?.(ask.body.value, clearFor) !== undefined;
  const cleared = isMixed ? clear?.(exactValue(ask), clearFor) : undefined;
  return {
    body: editJson(ask.body, {
      ...OWN_FIELDS,
      model: target.dialect === "gemini" ? undefined : target.upstream,
      ...streamOptions(ask, target),
      ...outputCap(ask.body.value, target, cap),
      ...cleared?.edits,
    }),
    dropped: cleared?.dropped ?? [],
    passes: PROVIDERS[target.kind].accent === undefined,
  };
};

/** The caller's request in canonical form, worked out when the first translation needs it. */
export type Canonical = () => Result<ChatRequest, Failure>;

export const canonicalOf = (ask: Ask): Canonical => {
  let decoded: Result<ChatRequest, Failure> | undefined;
  return () => {
    if (decoded !== undefined) return decoded;
    const body = { ...exactValue(ask) };
    for (const name of Object.keys(OWN_FIELDS)) delete body[name];
    const fresh = DIALECTS[ask.dialect].request.decode(body);
    decoded = fresh;
    return fresh;
  };
};

/** What bodies are made of, for any target. */
type Preparing = {
  readonly ask: Ask;
  readonly canonical: Canonical;
  /** Tokens that limits allow for one answer of that target. */
  readonly capOf: (target: Target) => OutputCap;
};

/** A canonical request as a body for the target. */
const translated = (
  { ask, capOf }: Preparing,
  target: Target,
  asked: ChatRequest,
): Result<
  { readonly body: Record<string, unknown>; readonly dropped: readonly string[] },
  Failure
> => {
  const cap = capOf(target);
  const request = cap === undefined ? asked : { ...asked, max_output_tokens: cap };
  const encoded = DIALECTS[target.dialect].request.encode(request, {
    model: target.upstream,
    capabilities: target.capabilities,
    maxOutput: target.maxOutput,
    from: ask.dialect,
    extensions: PROVIDERS[target.kind].quirks.extensions,
  });
  if (!encoded.ok) return encoded;
  const { body, dropped } = encoded.value;
  const edits = { ...streamOptions(ask, target), ...outputCap(body, target, undefined) };
  return ok({ body: { ...body, ...edits }, dropped });
};

/** Fails where the request cannot be read, or cannot be said in the target's dialect. */
export const prepare = (preparing: Preparing, target: Target): Result<Prepared, Failure> => {
  const { ask, canonical, capOf } = preparing;
  if (target.dialect === ask.dialect) return ok(edited(ask, target, capOf(target)));
  const request = canonical();
  if (!request.ok) return request;
  const made = translated(preparing, target, request.value);
  if (!made.ok) return made;
  const { body, dropped } = made.value;
  return ok({ body: JSON.stringify(body), dropped, passes: false });
};

/** The request with the beginning of its answer: the target is to go on from there. */
export const prepareOn = (
  preparing: Preparing,
  target: Target,
  beginning: string,
): Result<Prepared, Failure> => {
  const request = preparing.canonical();
  if (!request.ok) return request;
  const content = [{ type: "text", text: beginning } as const];
  const messages = [...request.value.messages, { role: "assistant", content } as const];
  const made = translated(preparing, target, { ...request.value, messages });
  if (!made.ok) return made;
  const { body, dropped } = made.value;
  const { prefill } = PROVIDERS[target.kind].quirks;
  const written = Array.isArray(body["messages"]) ? body["messages"] : [];
  const last: unknown = written.at(-1);
  const marked = isRecord(last)
    ? [...written.slice(0, -1), { ...last, ...prefill.message }]
    : written;
  const whole = { ...body, ...(written.length > 0 && { messages: marked }), ...prefill.body };
  return ok({ body: JSON.stringify(whole), dropped, passes: false });
};
