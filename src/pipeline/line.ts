/**
 * Decides: what a line is – the way of one attempt's frames to the caller, and what is learnt on it.
 * Never: reads or writes a stream itself; the relay does.
 */
import type { Frame } from "../base/sse.ts";
import { type ChatEvent, isContent } from "../domain/event.ts";
import type { Usage } from "../domain/usage.ts";

/** What is known of the answer so far. */
export type Facts = {
  /** How many events have been read: comments and broken events keep nobody waiting longer. */
  events: number;
  /** The provider has begun to answer. */
  begun: boolean;
  /** Something that the caller can see has passed. */
  content: boolean;
  /** A finish reason has been seen for each answer that was asked for: nothing of them is missing. */
  finished: boolean;
  /** The dialect's terminal mark has been seen. */
  ended: boolean;
  /** This answer cannot go on from what another has said: it says something else. */
  diverged: boolean;
  /** The body of an error that the upstream reported inside the stream. */
  error: unknown;
  usage: Usage | undefined;
  /** What the provider says served. */
  model: string | undefined;
  /** The provider's name of the answer. */
  id: string | undefined;
  /** Events that could not be read and were left out. */
  malformed: number;
  /** There where the caller has asked for several answers (`n`): one may be complete long before the others. */
  readonly several: Several | undefined;
};

type Several = {
  readonly asked: number;
  readonly begun: Set<number>;
  readonly over: Set<number>;
};

/** `answers`: how many the caller has asked for. */
export const noFacts = (answers = 1): Facts => ({
  events: 0,
  begun: false,
  content: false,
  finished: false,
  ended: false,
  diverged: false,
  error: undefined,
  usage: undefined,
  model: undefined,
  id: undefined,
  malformed: 0,
  several: answers > 1 ? { asked: answers, begun: new Set(), over: new Set() } : undefined,
});

/** Whether this event leaves nothing of the answers open. Who gives fewer than asked says so by his terminal mark. */
const completes = ({ asked, begun, over }: Several, event: ChatEvent): boolean => {
  if ("choice" in event) begun.add(event.choice);
  if (event.type === "finish") over.add(event.choice);
  const isLast = event.type === "end" && over.size > 0 && over.size === begun.size;
  return over.size >= asked || isLast;
};

/** Takes one event into the facts. */
export const learn = (facts: Facts, event: ChatEvent): void => {
  if (!facts.begun && isContent(event)) facts.begun = true;
  if (facts.several !== undefined) facts.finished = completes(facts.several, event);
  switch (event.type) {
    case "start":
      facts.model = event.model;
      facts.id = event.id;
      break;
    case "usage":
      facts.usage = { ...facts.usage, ...event.usage };
      break;
    case "finish":
      if (facts.several === undefined) facts.finished = true;
      break;
    case "error":
      facts.error ??= event.body;
      break;
    case "end":
      facts.ended = true;
      break;
  }
};

/** The `headgate` object of the last event, from what is known of the answer and what it has said. */
export type Coda = (line: Pick<Line, "facts" | "own">) => Readonly<Record<string, unknown>>;

export type Line = {
  readonly facts: Facts;
  /** What of these frames goes on to the caller: pieces of bytes, in order; none is empty. */
  take(frames: readonly Frame[]): readonly Uint8Array[];
  /** At an answer's good end: what the dialect still owes the caller (usage, terminal mark). */
  finish(): readonly Uint8Array[];
  /** What has been said so far, for an answer that goes on from it; undefined when that is not known. */
  said(): readonly ChatEvent[] | undefined;
  /** What this attempt alone has said, whether or not the caller was shown it. */
  own(): readonly ChatEvent[] | undefined;
  /** This attempt's frames as they came; undefined where they were too many to keep. */
  frames(): readonly Frame[] | undefined;
};
