/**
 * Decides: which events one candidate of a chunk (a whole answer is one chunk) stands for.
 * Never: drops a part: what the canonical form does not know travels as an opaque one.
 */
import type { ChatEvent } from "../../domain/event.ts";
import { defined } from "../defined.ts";
import { wordIn } from "../loosely.ts";
import { isObject, type Json } from "../reading.ts";
import { decodeCitations } from "./citations.ts";
import { decodeFinish } from "./finish.ts";
import { decodeLogprobs } from "./logprobs.ts";
import { type PartialArguments, partialArguments } from "./partial-arguments.ts";
import { GEMINI_FORMAT } from "./parts.ts";

/** The memory of one choice between chunks. */
export type Candidate = {
  readonly choice: number;
  /** For calls that come without an id: the answer's own. */
  readonly answerId: string;
  calls: number;
  /** The call whose arguments are still coming. */
  open: PartialArguments | undefined;
  /** What the last part was: the next one of its kind continues it. */
  last: "thought" | "text" | "other";
  /** Thinking blocks begun. */
  thoughts: number;
  /** The last text part so far, for citations, which count in it. */
  text: string;
  finished: boolean;
};

export const newCandidate = (choice: number, answerId: string): Candidate => ({
  choice,
  answerId,
  calls: 0,
  open: undefined,
  last: "other",
  thoughts: 0,
  text: "",
  finished: false,
});

/** The same id for the same place of the same answer, in the characters and the length that every dialect takes. */
const generatedId = ({ answerId, choice, calls }: Candidate): string => {
  const answer = answerId.replace(/[^A-Za-z0-9_-]/g, "").slice(0, 24);
  return `call_${answer === "" ? "" : `${answer}_`}${choice}_${calls}`;
};

const textEvent = (state: Candidate, part: Json, text: string): ChatEvent => {
  const { choice } = state;
  const signature = wordIn(part["thoughtSignature"]);
  if (part["thought"] === true) {
    if (state.last !== "thought") state.thoughts += 1;
    state.last = "thought";
    const format = signature === undefined ? undefined : GEMINI_FORMAT;
    const block = state.thoughts - 1;
    return { type: "thinking", choice, block, text, ...defined({ signature, format }) };
  }
  state.text = state.last === "text" ? state.text + text : text;
  state.last = "text";
  return { type: "text", choice, text, ...defined({ signature }) };
};

/** A call comes whole, or as a name, pieces of its arguments and an empty call as the end. */
const callEvents = (state: Candidate, part: Json, call: Json): ChatEvent[] => {
  const { choice } = state;
  const events: ChatEvent[] = [];
  state.last = "other";
  const name = wordIn(call["name"]);
  if (name !== undefined) {
    const id = wordIn(call["id"]) ?? generatedId(state);
    const signature = wordIn(part["thoughtSignature"]);
    events.push({
      type: "tool_call",
      choice,
      call: state.calls,
      id,
      name,
      ...defined({ signature }),
    });
    state.calls += 1;
    const inPieces = call["willContinue"] === true || call["partialArgs"] !== undefined;
    state.open = inPieces ? partialArguments() : undefined;
  }
  state.open?.add(call["partialArgs"]);
  if (call["willContinue"] === true || (name === undefined && state.open === undefined)) {
    return events;
  }
  const text = state.open?.text() ?? JSON.stringify(call["args"] ?? {});
  state.open = undefined;
  events.push({ type: "tool_arguments", choice, call: state.calls - 1, text });
  return events;
};

const partEvents = (state: Candidate, part: Json): ChatEvent[] => {
  if (typeof part["text"] === "string") return [textEvent(state, part, part["text"])];
  if (isObject(part["functionCall"])) return callEvents(state, part, part["functionCall"]);
  state.last = "other";
  const opaque = { type: "opaque" as const, dialect: "gemini" as const, raw: part };
  return [{ type: "opaque", choice: state.choice, part: opaque }];
};

const withLogprobs = (events: ChatEvent[], choice: number, value: unknown): ChatEvent[] => {
  const logprobs = decodeLogprobs(value);
  if (logprobs === undefined) return events;
  const at = events.findIndex((event) => event.type === "text");
  const first = events[at];
  return first?.type === "text"
    ? events.with(at, { ...first, logprobs })
    : [...events, { type: "text", choice, text: "", logprobs }];
};

export const candidateEvents = (state: Candidate, candidate: Json): ChatEvent[] => {
  const { choice } = state;
  const content = isObject(candidate["content"]) ? candidate["content"] : {};
  const parts: unknown = content["parts"];
  const events = withLogprobs(
    (Array.isArray(parts) ? parts : []).filter(isObject).flatMap((part) => partEvents(state, part)),
    choice,
    candidate["logprobsResult"],
  );
  for (const citation of decodeCitations(candidate, state.text)) {
    events.push({ type: "citation", choice, citation });
  }
  const reason = candidate["finishReason"];
  if (reason !== undefined && reason !== "FINISH_REASON_UNSPECIFIED" && !state.finished) {
    state.finished = true;
    events.push({ type: "finish", choice, reason: decodeFinish(reason, state.calls > 0) });
  }
  return events;
};
