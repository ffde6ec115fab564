/**
 * Decides: whether an answer may be kept for others: whole, successful, with nothing pending in it.
 * Never: looks at the request (allowed.ts). In doubt an answer is not kept. (faults.md F83)
 */
import type { ChatResponse, Choice, FinishReason, Part } from "../../domain/chat.ts";

export type AnswerFacts = {
  /** The upstream's status. */
  readonly status: number;
  /** The body came to its end; for a stream: its terminal mark was seen. */
  readonly complete: boolean;
  /** Parts of it came from several answers. */
  readonly recovered: boolean;
  /** A guard failed, flagged the answer, or had to put personal data back into it. */
  readonly guarded: boolean;
  /** Bytes of the entry. */
  readonly bytes: number;
};

export type Unstorable =
  | "status"
  | "incomplete"
  | "recovered"
  | "guarded"
  | "too_large"
  | "empty"
  | "truncated"
  | "filtered"
  | "tool_calls"
  | "unfinished"
  | "media";

/** Bytes. Larger answers are rare, dear to read, and seldom asked for twice. */
export const MOST_BYTES = 1_048_576;

const BY_FINISH: Readonly<Record<FinishReason, Unstorable | undefined>> = {
  stop: undefined,
  stop_sequence: undefined,
  length: "truncated",
  context_window: "truncated",
  tool_calls: "tool_calls",
  content_filter: "filtered",
  refusal: "filtered",
  pause: "unfinished",
  unknown: "unfinished",
};

const BY_PART: Readonly<Record<Part["type"], Unstorable | undefined>> = {
  text: undefined,
  thinking: undefined,
  refusal: "filtered",
  tool_call: "tool_calls",
  // Of a tool that ran at the provider.
  opaque: "tool_calls",
  // A whole answer that has them cannot be told as a stream.
  image: "media",
  file: "media",
  audio: "media",
};

const faultOfChoice = ({ finish_reason, content }: Choice): Unstorable | undefined => {
  const fault =
    BY_FINISH[finish_reason] ??
    content.map(({ type }) => BY_PART[type]).find((reason) => reason !== undefined);
  if (fault !== undefined) return fault;
  return content.some((part) => part.type === "text" && part.text !== "") ? undefined : "empty";
};

const faultOfFacts = (facts: AnswerFacts): Unstorable | undefined => {
  if (facts.status !== 200) return "status";
  if (!facts.complete) return "incomplete";
  if (facts.recovered) return "recovered";
  if (facts.guarded) return "guarded";
  return facts.bytes > MOST_BYTES ? "too_large" : undefined;
};

/** Why not; undefined: it may be kept. `answer` is undefined for embeddings, which are whole or nothing. */
export const unstorable = (
  facts: AnswerFacts,
  answer: ChatResponse | undefined,
): Unstorable | undefined => {
  const fault = faultOfFacts(facts);
  if (fault !== undefined || answer === undefined) return fault;
  if (answer.choices.length === 0) return "empty";
  return answer.choices.map(faultOfChoice).find((reason) => reason !== undefined);
};
