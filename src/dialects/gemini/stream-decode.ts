/**
 * Decides: what the chunks of `streamGenerateContent?alt=sse` mean.
 * Never: takes a stream that stopped for one that ended: `end` follows only when every candidate has
 * told its finish reason, for Gemini sends no terminal mark.
 */
import { parseExactJson } from "../../base/exact-json.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { SseEvent } from "../../base/sse.ts";
import type { ChatEvent } from "../../domain/event.ts";
import type { StreamDecoder } from "../dialect.ts";
import { isObject, type Json } from "../reading.ts";
import { type Candidate, candidateEvents, newCandidate } from "./candidate.ts";
import { decodeError } from "./error.ts";
import { usageOf } from "./usage.ts";

const word = (value: unknown): string => (typeof value === "string" ? value : "");

const isBlocked = (chunk: Json): boolean =>
  isObject(chunk["promptFeedback"]) && chunk["promptFeedback"]["blockReason"] !== undefined;

export type ChunkDecoder = {
  decode(chunk: Json): ChatEvent[];
  finish(): ChatEvent[];
};

/** One answer's memory. A whole answer is a stream of one chunk. */
export const chunkDecoder = (): ChunkDecoder => {
  const candidates = new Map<number, Candidate>();
  let answerId: string | undefined;

  const stateOf = (choice: number): Candidate => {
    const state = candidates.get(choice) ?? newCandidate(choice, answerId ?? "");
    candidates.set(choice, state);
    return state;
  };

  const decode = (chunk: Json): ChatEvent[] => {
    const events: ChatEvent[] = [];
    // Ahead of the start, which tells the input's count where that is known.
    const usage = usageOf(chunk);
    if (usage !== undefined) events.push({ type: "usage", usage });
    if (answerId === undefined) {
      answerId = word(chunk["responseId"]);
      events.push({ type: "start", id: answerId, model: word(chunk["modelVersion"]) });
    }
    const list: unknown = chunk["candidates"];
    for (const candidate of Array.isArray(list) ? list.filter(isObject) : []) {
      // proto3 JSON leaves out an index of 0.
      const index = typeof candidate["index"] === "number" ? candidate["index"] : 0;
      events.push(...candidateEvents(stateOf(index), candidate));
    }
    if (candidates.size === 0 && isBlocked(chunk)) {
      stateOf(0).finished = true;
      events.push({ type: "finish", choice: 0, reason: "content_filter" });
    }
    return events;
  };

  const finish = (): ChatEvent[] => {
    const states = [...candidates.values()];
    return states.length > 0 && states.every((state) => state.finished) ? [{ type: "end" }] : [];
  };

  return { decode, finish };
};

const parse = (data: string): unknown => {
  try {
    return parseExactJson(data);
  } catch {
    return undefined;
  }
};

export const streamDecoder = (): StreamDecoder => {
  const chunks = chunkDecoder();
  return {
    decode: (event: SseEvent): Result<readonly ChatEvent[], "malformed"> => {
      const body = parse(event.data);
      if (decodeError(body) !== undefined) return ok([{ type: "error", body }]);
      return isObject(body) ? ok(chunks.decode(body)) : err("malformed");
    },
    finish: () => chunks.finish(),
  };
};
