/**
 * Decides: which recorded exchanges are replayed, what their wire form is, and how they are counted.
 * Never: leaves a record out in silence; one that is not replayed has a reason that is printed.
 */
import { createFramer, decodeFrame, type SseEvent } from "../../src/base/sse.ts";
import type { DialectName } from "../../src/domain/dialect-name.ts";
import { recorded } from "./recorded-data.ts";

type Json = Record<string, unknown>;

type Row = {
  readonly id: string;
  readonly stream: "none" | "sse" | "json-lines" | "ndjson";
  readonly fidelity: string;
  readonly request: { readonly path: string; readonly body: string | null } | null;
  readonly response: { readonly status: number; readonly body: string | null };
};

export type Recording = {
  readonly id: string;
  readonly source: string;
  readonly dialect: DialectName;
  /** The model's name upstream, from the body or, as Google has it, from the path. */
  readonly model: string;
  /** The caller's body; undefined where the recording lost it. */
  readonly request: Json | undefined;
  /** The whole answer; undefined where it was streamed. */
  readonly whole: Json | undefined;
  /** The bytes of the stream; undefined where the answer came whole. */
  readonly stream: Uint8Array | undefined;
};

/** The files of this suite: one a provider and API, with the dialect that is spoken there. */
const FILES: Readonly<Record<DialectName, readonly string[]>> = {
  "openai-chat": [
    "openai",
    "azure",
    "mistral",
    "groq",
    "deepseek",
    "openrouter",
    "xai",
    "ollama",
    "together",
    "cerebras",
    "gemini",
    "alibaba",
    "bedrock",
    "crusoe",
    "gpustack",
    "heroku",
    "huggingface",
    "moonshot",
    "openai-compatible",
    "perplexity",
    "snowflake",
    "zai",
  ].map((provider) => `${provider}.chat_completions`),
  "anthropic-messages": ["anthropic.messages"],
  gemini: [
    "gemini.generateContent",
    "gemini.generateContent_stream",
    "vertex.generateContent",
    "vertex.generateContent_stream",
  ],
};

const object = (text: string | null | undefined): Json | undefined => {
  if (text === null || text === undefined || text === "") return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Json) : undefined;
  } catch {
    return undefined;
  }
};

/**
 * Fixtures that kept one payload a line get their framing back: Anthropic names each event, OpenAI
 * ends with [DONE]. One that strings several answers together is read to the end of the first.
 */
const framed = (dialect: DialectName, body: string): string => {
  const frames: string[] = [];
  for (const line of body.split("\n").filter((one) => one.trim() !== "")) {
    const type = dialect === "anthropic-messages" ? object(line)?.["type"] : undefined;
    frames.push(`${typeof type === "string" ? `event: ${type}\n` : ""}data: ${line}\n\n`);
    if (type === "message_stop") break;
  }
  return frames.join("") + (dialect === "openai-chat" ? "data: [DONE]\n\n" : "");
};

/** Fixtures shortened by hand lost blank lines between their events; nobody sends two payloads as one. */
const apart = (fidelity: string, body: string): string =>
  fidelity.includes("by hand")
    ? `${body.replace(/^(data: .*)\n(?=data: )/gm, "$1\n\n").trimEnd()}\n\n`
    : body;

const utf8 = new TextEncoder();

export type Recordings = { readonly taken: readonly Recording[]; readonly skipped: Skipped };

/** Why recordings were left out, and how many for each reason. */
export type Skipped = ReadonlyMap<string, number>;

const known = new Map<readonly string[], Recordings>();

/** All recordings of a dialect that came with status 200, and how many did not. */
export const recordings = (dialect: DialectName, files = FILES[dialect]): Recordings => {
  const found = known.get(files) ?? read(dialect, files);
  known.set(files, found);
  return found;
};

const read = (dialect: DialectName, files: readonly string[]): Recordings => {
  const skipped = new Map<string, number>();
  const taken: Recording[] = [];
  for (const file of files) {
    for (const row of recorded<Row>(`wire/${file}.jsonl`)) {
      const reason = whySkipped(row);
      if (reason !== undefined) {
        skipped.set(reason, (skipped.get(reason) ?? 0) + 1);
        continue;
      }
      const body = row.response.body ?? "";
      const text = row.stream === "json-lines" ? framed(dialect, body) : apart(row.fidelity, body);
      taken.push({
        id: row.id,
        source: file,
        dialect,
        model: modelOf(row),
        request: object(row.request?.body),
        whole: row.stream === "none" ? object(body) : undefined,
        stream: row.stream === "none" ? undefined : utf8.encode(text),
      });
    }
  }
  return { taken, skipped };
};

const modelOf = ({ request }: Row): string => {
  const named = object(request?.body)?.["model"];
  const inPath = /models\/([^:/]+):/.exec(request?.path ?? "")?.[1];
  return typeof named === "string" ? named : (inPath ?? "a-model");
};

const whySkipped = (row: Row): string | undefined => {
  if (row.response.status !== 200) return "an error: test/data/errors.test.ts has it";
  const body = object(row.response.body);
  if (row.stream !== "none" || body === undefined) return undefined;
  if (isErrorBody(body)) return "an error inside a 200: test/data/errors.test.ts has it";
  if ("name" in body && "expireTime" in body) return "another API: Gemini's cached contents";
  if ("prompt_eval_count" in body) return "another API: Ollama's own embeddings";
  return undefined;
};

const isErrorBody = (body: Json): boolean =>
  "error" in body && !("choices" in body) && !("candidates" in body);

/** The events of a stream, cut into chunks at will: what a decoder is fed. */
export const eventsOf = (chunks: Iterable<Uint8Array>): SseEvent[] => {
  const framer = createFramer();
  const events: SseEvent[] = [];
  for (const chunk of chunks) {
    for (const frame of framer.push(chunk)) {
      const event = decodeFrame(frame);
      if (event !== undefined) events.push(event);
    }
  }
  return events;
};
