/**
 * Decides: which stop reason stands for which finish reason.
 * Never: lets a value out that Anthropic's clients do not know.
 */
import { own } from "../../base/record.ts";
import type { FinishReason } from "../../domain/chat.ts";

const FROM_WIRE: Readonly<Record<string, FinishReason>> = {
  end_turn: "stop",
  stop_sequence: "stop_sequence",
  max_tokens: "length",
  tool_use: "tool_calls",
  refusal: "refusal",
  pause_turn: "pause",
  model_context_window_exceeded: "context_window",
};

const TO_WIRE: Readonly<Record<FinishReason, string>> = {
  stop: "end_turn",
  stop_sequence: "stop_sequence",
  length: "max_tokens",
  tool_calls: "tool_use",
  content_filter: "refusal",
  refusal: "refusal",
  pause: "pause_turn",
  context_window: "model_context_window_exceeded",
  unknown: "end_turn",
};

export const decodeFinish = (reason: unknown): FinishReason =>
  (typeof reason === "string" ? own(FROM_WIRE, reason) : undefined) ?? "unknown";

/** `refused`: the answer holds a refusal, which other dialects end with a plain "stop". */
export const encodeFinish = (reason: FinishReason, refused: boolean): string =>
  refused && reason === "stop" ? "refusal" : TO_WIRE[reason];
