/**
 * Decides: which finish reason stands for which.
 * Never: takes an answer that was cut or withheld for a complete one.
 */
import { own } from "../../base/record.ts";
import type { FinishReason } from "../../domain/chat.ts";

const FROM_WIRE: Readonly<Record<string, FinishReason>> = {
  STOP: "stop",
  MAX_TOKENS: "length",
  SAFETY: "content_filter",
  RECITATION: "content_filter",
  BLOCKLIST: "content_filter",
  PROHIBITED_CONTENT: "content_filter",
  SPII: "content_filter",
  MODEL_ARMOR: "content_filter",
  IMAGE_SAFETY: "content_filter",
  IMAGE_PROHIBITED_CONTENT: "content_filter",
  IMAGE_RECITATION: "content_filter",
};

/** The numbers of the first reasons, for answers with `enum-encoding=int`; later numbers differ between hosts. */
const NUMBERED: readonly string[] = ["", "STOP", "MAX_TOKENS", "SAFETY", "RECITATION"];

/** With a tool call these are how Gemini asks for the tool, the second for one that was not offered. */
const CALLS: ReadonlySet<unknown> = new Set(["STOP", "UNEXPECTED_TOOL_CALL"]);

/** MALFORMED_FUNCTION_CALL, OTHER … are `unknown`. */
export const decodeFinish = (reason: unknown, calledTools: boolean): FinishReason => {
  const name = typeof reason === "number" ? NUMBERED[reason] : reason;
  if (calledTools && CALLS.has(name)) return "tool_calls";
  return (typeof name === "string" ? own(FROM_WIRE, name) : undefined) ?? "unknown";
};

const TO_WIRE: Readonly<Record<FinishReason, string>> = {
  stop: "STOP",
  stop_sequence: "STOP",
  tool_calls: "STOP",
  length: "MAX_TOKENS",
  context_window: "MAX_TOKENS",
  content_filter: "SAFETY",
  refusal: "SAFETY",
  pause: "OTHER",
  unknown: "OTHER",
};

export const encodeFinish = (reason: FinishReason): string => TO_WIRE[reason];
