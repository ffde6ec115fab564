/**
 * Decides: what of other models' turns Claude would refuse in a conversation that this gateway has led: thoughts that
 * nobody signed and Gemini's signatures, as `response-encode.ts` writes them, and the wish to think where the turn
 * that goes on has no thought of Claude's.
 * Never: touches a turn of Claude's own, and is of no concern to servers that only speak as Claude does.
 */
import type { Cleared, ClearFor } from "../dialect.ts";
import { isObject, type Json } from "../reading.ts";
import { generationOf, isClaude } from "./generation.ts";

const blocksOf = (message: unknown): readonly Json[] =>
  isObject(message) && message["role"] === "assistant" && Array.isArray(message["content"])
    ? message["content"].filter(isObject)
    : [];

const isUnsigned = (block: Json): boolean =>
  block["type"] === "thinking" && (block["signature"] ?? "") === "";

/** Claude signs nothing but its thoughts. */
const isSignedElsewhere = ({ type, signature }: Json): boolean =>
  (type === "text" || type === "tool_use") && signature !== undefined;

/** Claude's own calls are `toolu_…`, also on other clouds; the gateway hands out the ids of others as they are. */
const isForeignCall = ({ type, id }: Json): boolean =>
  type === "tool_use" && !String(id).startsWith("toolu_");

const isForeign = (block: Json): boolean => isUnsigned(block) || isSignedElsewhere(block);

const unmarked = (block: Json): Json => {
  if (!isSignedElsewhere(block)) return block;
  const { signature: _, ...own } = block;
  return own;
};

const cleared = (message: unknown): unknown[] => {
  if (!isObject(message) || !blocksOf(message).some(isForeign)) return [message];
  const content = blocksOf(message).filter((block) => !isUnsigned(block));
  return content.length === 0 ? [] : [{ ...message, content: content.map(unmarked) }];
};

/** Whether Claude would go on from another model's turn, which never begins with a thought of its own. */
const goesOnFromOthers = (messages: readonly unknown[]): boolean => {
  const blocks = blocksOf(
    messages.findLast((each) => isObject(each) && each["role"] === "assistant"),
  );
  const calls = blocks.some(({ type }) => type === "tool_use");
  const first = blocks.find((block) => !isUnsigned(block));
  const begins = first?.["type"] === "thinking" || first?.["type"] === "redacted_thinking";
  return calls && !begins && blocks.some((block) => isForeign(block) || isForeignCall(block));
};

/** Undefined, in nearly all cases, where the body can go as it is. */
export const clearForeignTurns = (
  { messages, thinking }: Json,
  { model }: Pick<ClearFor, "model">,
): Cleared | undefined => {
  if (!isClaude(model) || !Array.isArray(messages)) return undefined;
  const blocks = messages.flatMap(blocksOf);
  const isBudget = isObject(thinking) && thinking["type"] === "enabled";
  const unthinking = isBudget && !generationOf(model).adaptive && goesOnFromOthers(messages);
  const dropped = [
    ...(blocks.some(isUnsigned) ? ["messages[].content[].thinking"] : []),
    ...(blocks.some(isSignedElsewhere) ? ["messages[].content[].signature"] : []),
    ...(unthinking ? ["thinking"] : []),
  ];
  if (dropped.length === 0) return undefined;
  const edits = {
    ...(blocks.some(isForeign) && { messages: messages.flatMap(cleared) }),
    ...(unthinking && { thinking: undefined }),
  };
  return { edits, dropped };
};
