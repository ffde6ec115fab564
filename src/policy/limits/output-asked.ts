/**
 * Decides: how much output a body orders: the cap that its caller stated, and how many answers.
 * Never: refuses a value; what is no count says nothing.
 */
import { isRecord } from "../../base/record.ts";
import type { DialectName } from "../../domain/dialect-name.ts";

export type OutputAsked = {
  /** Tokens of one answer; undefined where the caller stated no cap. */
  readonly cap: number | undefined;
  readonly answers: number;
};

const count = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;

/** Of two names for one cap it is not known which a server heeds: the larger bounds both. */
const larger = (...values: readonly unknown[]): number | undefined => {
  const counts = values.map(count).filter((value) => value !== undefined);
  return counts.length === 0 ? undefined : Math.max(...counts);
};

const ofGemini = (body: Record<string, unknown>): OutputAsked => {
  const config = body["generationConfig"] ?? body["generation_config"];
  const fields = isRecord(config) ? config : {};
  return {
    cap: larger(fields["maxOutputTokens"], fields["max_output_tokens"]),
    answers: larger(fields["candidateCount"], fields["candidate_count"], 1) ?? 1,
  };
};

export const outputAsked = (dialect: DialectName, body: Record<string, unknown>): OutputAsked => {
  if (dialect === "gemini") return ofGemini(body);
  const cap = larger(body["max_tokens"], body["max_completion_tokens"]);
  return { cap, answers: dialect === "openai-chat" ? (larger(body["n"], 1) ?? 1) : 1 };
};
