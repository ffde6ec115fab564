/**
 * Decides: which finish reason stands for which.
 * Never: lets a value out that OpenAI's clients do not know.
 */
import { own } from "../../base/record.ts";
import type { FinishReason } from "../../domain/chat.ts";

const FROM_WIRE: Readonly<Record<string, FinishReason>> = {
  stop: "stop",
  length: "length",
  tool_calls: "tool_calls",
  function_call: "tool_calls",
  content_filter: "content_filter",
  // Look-alikes: Mistral, Together, Hugging Face, xAI.
  model_length: "context_window",
  eos: "stop",
  eos_token: "stop",
  end_turn: "stop",
  stop_sequence: "stop_sequence",
  max_tokens: "length",
};

const TO_WIRE: Readonly<Record<FinishReason, string>> = {
  stop: "stop",
  stop_sequence: "stop",
  length: "length",
  tool_calls: "tool_calls",
  content_filter: "content_filter",
  refusal: "content_filter",
  pause: "length",
  context_window: "length",
  unknown: "stop",
};

/**
 * A forced tool call ends with "stop" at OpenAI, and so does any tool call at some look-alikes, or with no reason at
 * all (Snowflake); callers of other dialects go by the reason, so it says what happened.
 */
export const decodeFinish = (reason: unknown, calledTools: boolean): FinishReason => {
  const known = typeof reason === "string" ? own(FROM_WIRE, reason.toLowerCase()) : undefined;
  if (calledTools && (known === "stop" || !reason)) return "tool_calls";
  return known ?? "unknown";
};

export const encodeFinish = (reason: FinishReason): string => TO_WIRE[reason];
