/**
 * Decides: which thoughts of a conversation Claude takes for its own, and whether those that it needs are there.
 * Never: looks at a conversation that stays in its dialect.
 */
import type { Message, Part, ThinkingPart } from "../../domain/chat.ts";
import { CLAUDE_FORMAT } from "./blocks.ts";

/** Thoughts are only taken back by the provider that signed them. */
export const isOwnThought = (part: ThinkingPart): boolean =>
  (part.signature !== undefined || part.redacted !== undefined) && part.format === CLAUDE_FORMAT;

const isWritten = (part: Part): boolean =>
  part.type === "thinking" ? isOwnThought(part) : part.type !== "text" || part.text !== "";

/**
 * Whether a model with a budget for thinking refuses to think here: the answer that it goes on from – one that calls
 * tools, or a beginning of its own – has to begin with a thought that it has signed. Most OpenAI clients keep none,
 * and another model's answer never has one.
 */
export const lacksOwnThought = (messages: readonly Message[]): boolean => {
  const said = messages.filter(({ role }) => role !== "system" && role !== "developer");
  const last = said.findLast(({ role }) => role === "assistant");
  if (last === undefined) return false;
  const isOpen = last === said.at(-1) || last.content.some(({ type }) => type === "tool_call");
  return isOpen && last.content.find(isWritten)?.type !== "thinking";
};
