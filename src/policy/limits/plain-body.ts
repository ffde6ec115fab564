/**
 * Decides: whether a body is nothing but a conversation in text, so that its bytes bound its tokens.
 * Never: says yes to a field or a kind of content that it does not know.
 */
import { isRecord } from "../../base/record.ts";
import type { DialectName } from "../../domain/dialect-name.ts";

/** Fields that add no input and no price of their own; sampling, streaming and who asks. */
const SHARED: readonly string[] = [
  ...["model", "messages", "max_tokens", "temperature", "top_p", "top_k", "stream", "metadata"],
  ...["service_tier", "headgate", "fallback_models", "models", "use_cache"],
];

const FIELDS: Readonly<Record<DialectName, ReadonlySet<string>>> = {
  "openai-chat": new Set([
    ...SHARED,
    ...["max_completion_tokens", "n", "stop", "seed", "user", "stream_options", "store"],
    ...["frequency_penalty", "presence_penalty", "logit_bias", "logprobs", "top_logprobs"],
    ...["reasoning_effort", "verbosity", "safety_identifier", "prompt_cache_key"],
  ]),
  "anthropic-messages": new Set([...SHARED, "system", "stop_sequences", "thinking"]),
  // Nobody's own dialect yet: such bodies are always looked at closely.
  gemini: new Set(),
};

const only = (value: Record<string, unknown>, ...names: readonly string[]): boolean =>
  Object.keys(value).every((name) => names.includes(name));

const isText = (part: unknown): boolean =>
  isRecord(part) &&
  part["type"] === "text" &&
  typeof part["text"] === "string" &&
  only(part, "type", "text");

const isSaid = (content: unknown): boolean =>
  typeof content === "string" || (Array.isArray(content) && content.every(isText));

const isPlainMessage = (message: unknown): boolean =>
  isRecord(message) && only(message, "role", "content", "name") && isSaid(message["content"]);

/** How many messages it has, the system's included; undefined where it holds anything but texts. */
export const plainMessages = (
  dialect: DialectName,
  body: Record<string, unknown>,
): number | undefined => {
  const fields = FIELDS[dialect];
  if (!Object.keys(body).every((name) => fields.has(name))) return undefined;
  const { messages, system } = body;
  if (!Array.isArray(messages) || !messages.every(isPlainMessage)) return undefined;
  if (system !== undefined && !isSaid(system)) return undefined;
  return messages.length + (system === undefined ? 0 : 1);
};
