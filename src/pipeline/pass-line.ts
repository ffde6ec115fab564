/**
 * Decides: what of a stream in the caller's own dialect is taken out or added to: the usage chunk
 * that the caller did not ask for, and the gateway's coda in the one that it did.
 * Never: rewrites a frame: what goes on leaves byte for byte as it came.
 */
import { decodeFrame, type Frame, type SseEvent } from "../base/sse.ts";
import type { Dialect } from "../dialects/dialect.ts";
import { encodeUsage, isUsageChunk } from "../dialects/openai-chat/usage.ts";
import type { DialectName } from "../domain/dialect-name.ts";
import type { ChatEvent } from "../domain/event.ts";
import { type Coda, type Line, learn, noFacts } from "./line.ts";
import { createMemory } from "./memory.ts";
import { createTwins } from "./twin.ts";

const encoder = new TextEncoder();

/** What a stream must not end without; Gemini's has no such mark. */
const TERMINAL: Readonly<Record<DialectName, string | undefined>> = {
  "openai-chat": "data: [DONE]\n\n",
  "anthropic-messages": 'event: message_stop\ndata: {"type":"message_stop"}\n\n',
  gemini: undefined,
};

/** The data of a JSON object with one more field at its end. */
const withField = (data: string, field: string, value: unknown): string =>
  `${data.slice(0, data.lastIndexOf("}"))},${JSON.stringify(field)}:${JSON.stringify(value)}}`;

/** Looked at closely only where the events leave it open: a first chunk may carry usage too. */
const isUsageOnly = (events: readonly ChatEvent[], data: string): boolean =>
  events.some(({ type }) => type === "usage") &&
  events.every(({ type }) => type === "usage" || type === "start") &&
  isUsageChunk(JSON.parse(data) as unknown);

/** Of Anthropic's stream; it says nothing that anybody else needs. */
const isBlockStop = (events: readonly ChatEvent[], data: string): boolean =>
  events.length === 0 && data.includes('"content_block_stop"');

type Passing = {
  /** How many the caller has asked for. */
  readonly answers: number;
  /** The caller asked for the usage chunk; undefined where the dialect has none of its own. */
  readonly usageChunk: boolean | undefined;
  readonly coda: Coda;
  /** The headers left before the facts were known: the last event tells them, asked for or not. */
  readonly mustTell: () => boolean;
};

export const createPassLine = (dialect: Dialect, passing: Passing): Line => {
  const facts = noFacts(passing.answers);
  const decoder = dialect.stream.decoder();
  const memory = createMemory(dialect);
  const twins = createTwins();
  let told = false;
  /** A block's end goes out with the next frame: should the stream break off here, another answer goes on in it. */
  let stop: Uint8Array | undefined;
  let isStop = false;
  const coda = () => passing.coda({ facts, own: memory.events });

  const withCoda = (event: SseEvent): Uint8Array => {
    told = true;
    const name = event.event === "" ? "" : `event: ${event.event}\n`;
    // A line end in JSON is only space, and data of several lines has them.
    const line = event.data.replaceAll("\n", " ");
    const data = withField(line, "headgate", coda());
    return encoder.encode(`${name}data: ${data}\n\n`);
  };

  /**
   * A chunk of its own for the coda, where no usage chunk carried it: some look-alikes have none, their
   * figures stand beside the finish reason, or nowhere.
   */
  const lastWord = (): string => {
    const { usageChunk: asked } = passing;
    const usage = asked === true ? facts.usage : undefined;
    const owed = passing.mustTell() || asked === true;
    if (told || !owed || asked === undefined) return "";
    told = true;
    const { id = "", model = "" } = facts;
    const chunk = { id, object: "chat.completion.chunk", created: 0, model };
    const figures = usage === undefined ? {} : { usage: encodeUsage(usage) };
    const last = { ...chunk, choices: [], ...figures, headgate: coda() };
    return `data: ${JSON.stringify(last)}\n\n`;
  };

  /** An event that is more than its text. */
  const read = (
    event: SseEvent,
    events: readonly ChatEvent[],
    frame: Frame,
    wasFinished: boolean,
  ): Uint8Array | undefined => {
    if (passing.usageChunk !== undefined) {
      if (isUsageOnly(events, event.data)) return passing.usageChunk ? withCoda(event) : undefined;
      // OpenRouter's usage chunk has an empty choice in it.
      const isLate = wasFinished && events.some(({ type }) => type === "usage");
      if (passing.usageChunk && isLate) return withCoda(event);
      const last = facts.ended ? lastWord() : "";
      return last === "" ? frame.bytes : encoder.encode(`${last}data: ${event.data}\n\n`);
    }
    const isLast = events.some(({ type }) => type === "finish");
    return isLast && passing.mustTell() ? withCoda(event) : frame.bytes;
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
    isStop = isBlockStop(events.value, event.data);
    const wasFinished = facts.finished;
    for (const each of events.value) learn(facts, each);
    facts.content = facts.begun;
    twins.learn(frame, events.value);
    return facts.error === undefined ? read(event, events.value, frame, wasFinished) : undefined;
  };

  return {
    facts,
    take: (frames) => {
      memory.keep(frames);
      const out: Uint8Array[] = [];
      for (const frame of frames) {
        isStop = false;
        const bytes = facts.error === undefined ? pass(frame) : undefined;
        if (bytes === undefined) continue;
        if (stop !== undefined) out.push(stop);
        stop = isStop ? bytes : undefined;
        if (stop === undefined) out.push(bytes);
      }
      return out;
    },
    finish: () => {
      const owed = facts.ended || !facts.finished ? undefined : TERMINAL[dialect.name];
      return owed === undefined ? [] : [encoder.encode(lastWord() + owed)];
    },
    said: memory.events,
    own: memory.events,
    frames: memory.frames,
  };
};
