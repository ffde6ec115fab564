/**
 * Decides: what of other models' answers OpenAI itself would refuse when it is sent back: thoughts, and signatures of
 * calls, as `reasoning.ts` and `tool-calls.ts` write them.
 * Never: touches what goes to a server that may have written such fields itself.
 */
import type { Cleared, ClearFor } from "../dialect.ts";
import { isObject, type Json } from "../reading.ts";

const MARKS = ["reasoning_content", "reasoning_details", "extra_content"] as const;

const callsOf = ({ tool_calls: calls }: Json): readonly unknown[] =>
  Array.isArray(calls) ? calls : [];

const isMarkedCall = (call: unknown): boolean =>
  isObject(call) && call["extra_content"] !== undefined;

const marksOf = (message: unknown): readonly string[] =>
  isObject(message) && message["role"] === "assistant"
    ? [
        ...MARKS.filter((name) => message[name] !== undefined),
        ...(callsOf(message).some(isMarkedCall) ? ["tool_calls[].extra_content"] : []),
      ]
    : [];

const without = (object: unknown, names: readonly string[]): unknown =>
  isObject(object)
    ? Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)))
    : object;

const cleared = (message: unknown): unknown => {
  if (!isObject(message) || marksOf(message).length === 0) return message;
  const calls = callsOf(message).map((call) => without(call, ["extra_content"]));
  const own = "tool_calls" in message ? { ...message, tool_calls: calls } : message;
  return without(own, MARKS);
};

/** Undefined, in nearly all cases, where the body can go as it is. */
export const clearForeignMarks = (
  { messages }: Json,
  { refusesThoughts }: ClearFor,
): Cleared | undefined => {
  if (!refusesThoughts || !Array.isArray(messages)) return undefined;
  const marks = new Set(messages.flatMap(marksOf));
  if (marks.size === 0) return undefined;
  return {
    edits: { messages: messages.map(cleared) },
    dropped: [...marks].map((name) => `messages[].${name}`),
  };
};
