/**
 * Decides: how the calls of an assistant's message are read and written, of a caller's and of an upstream's.
 * Never: parses arguments: they are the model's own text.
 */
import type { Part, ToolCallPart } from "../../domain/chat.ts";
import { defined } from "../defined.ts";
import { isObject, type Json } from "../reading.ts";

/** Gemini signs calls; Google's own OpenAI endpoint carries the signature in this place. */
export const signatureOf = (holder: Json): string | undefined => {
  const extra = holder["extra_content"];
  const google = isObject(extra) ? extra["google"] : undefined;
  const signature = isObject(google) ? google["thought_signature"] : undefined;
  return typeof signature === "string" ? signature : undefined;
};

export const signatureField = (signature: string | undefined): Record<string, unknown> =>
  signature === undefined ? {} : { extra_content: { google: { thought_signature: signature } } };

/** Arguments as text; some servers send the object itself. */
export const argumentsText = (value: unknown): string =>
  typeof value === "string"
    ? value
    : value === undefined || value === null
      ? ""
      : JSON.stringify(value);

/** `id` stands in where a server gives none (Ollama's older versions, the legacy function_call). */
const toolCallPart = (call: Json, named: Json, id: string): ToolCallPart => ({
  type: "tool_call",
  id: typeof call["id"] === "string" && call["id"] !== "" ? call["id"] : id,
  name: typeof named["name"] === "string" ? named["name"] : "",
  arguments: argumentsText(named["arguments"]),
  ...defined({ signature: signatureOf(call) }),
});

/** All calls of one message, the legacy single one included. A custom tool's call is opaque. */
export const toolCallParts = (message: Json, idPrefix: string): Part[] => {
  const calls = message["tool_calls"];
  const parts = (Array.isArray(calls) ? calls : []).filter(isObject).map((call, index): Part => {
    const named = call["function"];
    if (!isObject(named)) return { type: "opaque", dialect: "openai-chat", raw: call };
    return toolCallPart(call, named, `${idPrefix}_${index}`);
  });
  const legacy = message["function_call"];
  return isObject(legacy) ? [...parts, toolCallPart({}, legacy, idPrefix)] : parts;
};

/** `reasoning`: whether the reader understands signatures; `native`: whether the call is in its own dialect. */
export const encodeToolCall = (
  part: ToolCallPart,
  { native, reasoning }: { readonly native: boolean; readonly reasoning: boolean },
): Json => ({
  id: part.id,
  type: "function",
  function: { name: part.name, arguments: part.arguments },
  ...(reasoning ? signatureField(part.signature) : {}),
  ...(native ? part.extra : {}),
});
