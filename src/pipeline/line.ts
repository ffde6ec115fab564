/**
 * Decides: what a line is – the way of one attempt's frames to the caller, and what is learnt on it.
 * Never: reads or writes a stream itself; the relay does.
 */
import type { Frame } from "../base/sse.ts";
import type { Usage } from "../domain/usage.ts";

/** What is known of the answer so far. */
export type Facts = {
  /** How many events have been read: comments and broken events keep nobody waiting longer. */
  events: number;
  /** Something that a caller can see has passed. */
  content: boolean;
  /** A finish reason has been seen: nothing of the answer itself is missing. */
  finished: boolean;
  /** The dialect's terminal mark has been seen. */
  ended: boolean;
  /** The body of an error that the upstream reported inside the stream. */
  error: unknown;
  usage: Usage | undefined;
  /** What the provider says served. */
  model: string | undefined;
  /** Events that could not be read and were left out. */
  malformed: number;
};

export const noFacts = (): Facts => ({
  events: 0,
  content: false,
  finished: false,
  ended: false,
  error: undefined,
  usage: undefined,
  model: undefined,
  malformed: 0,
});

/** What stands in the `headgate` object of the last event, where it is told. */
export type Coda = (facts: Facts) => Readonly<Record<string, unknown>>;

export type Line = {
  readonly facts: Facts;
  /** What of these frames goes on to the caller: pieces of bytes, in order; none is empty. */
  take(frames: readonly Frame[]): readonly Uint8Array[];
  /** At an answer's good end: what the dialect still owes the caller (usage, terminal mark). */
  finish(): readonly Uint8Array[];
};
