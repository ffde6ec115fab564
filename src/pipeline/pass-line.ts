/**
 * Decides: what of a stream in the caller's own dialect is taken out or added to: the usage chunk
 * that the caller did not ask for, and the gateway's coda in the one that it did.
 * Never: rewrites a frame: what goes on leaves byte for byte as it came.
 */
import { decodeFrame, type Frame, type SseEvent } from "../base/sse.ts";
import type { Dialect } from "../dialects/dialect.ts";
import { isUsageChunk } from "../dialects/openai-chat/usage.ts";
import { type ChatEvent, isContent } from "../domain/event.ts";
import { type Coda, type Facts, type Line, noFacts } from "./line.ts";
import { createTwins } from "./twin.ts";

const encoder = new TextEncoder();

/** Takes one event into the facts. */
export const learn = (facts: Facts, event: ChatEvent): void => {
  if (!facts.content && isContent(event)) facts.content = true;
  switch (event.type) {
    case "start":
      facts.model = event.model;
      break;
    case "usage":
      facts.usage = { ...facts.usage, ...event.usage };
      break;
    case "finish":
      facts.finished = true;
      break;
    case "error":
      facts.error ??= event.body;
      break;
    case "end":
      facts.ended = true;
      break;
  }
};

/** The data of a JSON object with one more field at its end. */
const withField = (data: string, field: string, value: unknown): string =>
  `${data.slice(0, data.lastIndexOf("}"))},${JSON.stringify(field)}:${JSON.stringify(value)}}`;

/** Looked at closely only where the events leave it open: a first chunk may carry usage too. */
const isUsageOnly = (events: readonly ChatEvent[], data: string): boolean =>
  events.some(({ type }) => type === "usage") &&
  events.every(({ type }) => type === "usage" || type === "start") &&
  isUsageChunk(JSON.parse(data) as unknown);

export const createPassLine = (
  dialect: Dialect,
  options: {
    /** The caller asked for the usage chunk; undefined where the dialect has none of its own. */
    readonly usageChunk: boolean | undefined;
    readonly coda: Coda;
  },
): Line => {
  const facts = noFacts();
  const decoder = dialect.stream.decoder();
  const twins = createTwins();

  const usageFrame = (event: SseEvent, isAskedFor: boolean): Uint8Array | undefined => {
    if (!isAskedFor) return undefined;
    return encoder.encode(`data: ${withField(event.data, "headgate", options.coda(facts))}\n\n`);
  };

  const pass = (frame: Frame): Uint8Array | undefined => {
    if (twins.has(frame)) {
      facts.events += 1;
      return frame.bytes;
    }
    const event = decodeFrame(frame);
    // Comments keep the connection alive; they belong to the stream as much as events do.
    if (event === undefined) return frame.bytes;
    const events = decoder.decode(event);
    if (!events.ok) {
      facts.malformed += 1;
      return undefined;
    }
    facts.events += 1;
    for (const each of events.value) learn(facts, each);
    twins.learn(frame, events.value);
    if (facts.error !== undefined) return undefined;
    return options.usageChunk !== undefined && isUsageOnly(events.value, event.data)
      ? usageFrame(event, options.usageChunk)
      : frame.bytes;
  };

  return {
    facts,
    take: (frames) => {
      const out: Uint8Array[] = [];
      for (const frame of frames) {
        const bytes = facts.error === undefined ? pass(frame) : undefined;
        if (bytes !== undefined) out.push(bytes);
      }
      return out;
    },
    finish: () => {
      if (facts.ended || dialect.name !== "openai-chat") return [];
      return [encoder.encode("data: [DONE]\n\n")];
    },
  };
};
