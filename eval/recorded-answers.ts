/**
 * Decides: what recorded answers say that they used, in the provider's words and in ours.
 * Never: trusts one reading: the provider's figures are read here by themselves, not by the dialects.
 */
import { decodeFrame, type SseEvent } from "../src/base/sse.ts";
import type { Dialect } from "../src/dialects/dialect.ts";
import { DIALECTS } from "../src/dialects/index.ts";
import type { DialectName } from "../src/domain/dialect-name.ts";
import type { Usage } from "../src/domain/usage.ts";
import { lines, wireFiles } from "./data.ts";

export type Json = { readonly [field: string]: unknown };

type Row = {
  readonly id: string;
  readonly provider: string;
  readonly stream: string;
  readonly request: { readonly body: string | null; readonly path: string } | null;
  readonly response: { readonly status: number; readonly body: string | null };
};

export type Answer = {
  readonly id: string;
  readonly provider: string;
  readonly dialect: DialectName;
  /** The model's name as it was asked for. */
  readonly model: string;
  /** The provider's usage block, fields of later events over those of earlier ones; undefined: none. */
  readonly reported: Json | undefined;
  /** What the dialect made of it. */
  readonly usage: Usage | undefined;
};

/** What is spoken at each API that is recorded; of others nothing is read. */
export const DIALECT_OF: Readonly<Record<string, DialectName>> = {
  chat_completions: "openai-chat",
  messages: "anthropic-messages",
  generateContent: "gemini",
  generateContent_stream: "gemini",
};

export const object = (value: unknown): Json =>
  typeof value === "object" && value !== null ? (value as Json) : {};

const parsed = (text: string | null | undefined): Json => {
  try {
    return object(JSON.parse(text ?? ""));
  } catch {
    return {};
  }
};

/** Where each API puts usage; Anthropic in two places, Groq's older servers in one of their own. */
const blockIn = (payload: Json): Json =>
  object(
    payload["usage"] ??
      payload["usageMetadata"] ??
      object(payload["message"])["usage"] ??
      object(payload["x_groq"])["usage"],
  );

const events = ({ stream, response }: Row): readonly SseEvent[] => {
  const body = response.body ?? "";
  const utf8 = new TextEncoder();
  if (stream === "json-lines") return body.split("\n").map((data) => ({ event: "", data }));
  return body
    .split(/\r?\n\r?\n/)
    .map((text) => decodeFrame({ bytes: utf8.encode(`${text}\n\n`) }))
    .filter((event) => event !== undefined);
};

const streamed = (dialect: Dialect, row: Row): Usage | undefined => {
  const decoder = dialect.stream.decoder();
  let usage: Usage | undefined;
  for (const event of events(row)) {
    const decoded = decoder.decode(event);
    for (const found of decoded.ok ? decoded.value : []) {
      if (found.type === "usage") usage = { ...usage, ...found.usage };
    }
  }
  return usage;
};

const read = (row: Row, name: DialectName): Answer => {
  const whole = row.stream === "none";
  const body = parsed(row.response.body);
  const payloads = whole ? [body] : events(row).map(({ data }) => parsed(data));
  const reported: Json = Object.assign({}, ...payloads.map(blockIn));
  const model = parsed(row.request?.body)["model"] ?? body["model"];
  return {
    id: row.id,
    provider: row.provider,
    dialect: name,
    model:
      typeof model === "string"
        ? model
        : (/models\/([^:/]+)/.exec(row.request?.path ?? "")?.[1] ?? ""),
    reported: Object.keys(reported).length === 0 ? undefined : reported,
    usage: whole ? DIALECTS[name].response.usage(body) : streamed(DIALECTS[name], row),
  };
};

/** Every recorded answer with status 200 of the APIs that have a dialect. */
export const recordedAnswers = (): readonly Answer[] =>
  wireFiles().flatMap((file) => {
    const name = DIALECT_OF[file.split(".")[1] ?? ""];
    if (name === undefined) return [];
    return lines<Row>(`wire/${file}`)
      .filter(({ response }) => response.status === 200 && response.body !== null)
      .map((row) => read(row, name));
  });
