/**
 * Decides: the most input tokens that a provider can charge for a request (machines.md section 2).
 * Never: estimates. Where no bound is known it says so; a strict USD rule refuses then.
 */
import type { ChatRequest, Message, Part } from "../../domain/chat.ts";
import type { Family } from "./families.ts";
import { WEIGHTS } from "./weights.ts";

/** What a provider writes round a request and round each message, in tokens. */
type Frame = { readonly request: number; readonly message: number };

/** As OpenAI says it: three tokens a message and three to begin the answer; a role is one more, or a name. */
const EXACT: Frame = { request: 4, message: 6 };
/** Greetings of six letters have been counted for a hundred tokens, and short questions for two hundred (Qwen). */
const ROOMY: Frame = { request: 160, message: 24 };
const FRAMES: Partial<Record<Family, Frame>> = {
  ...{ "gpt-4": EXACT, "gpt-5": EXACT },
  ...{ claude: ROOMY, "claude-4": ROOMY, qwen: ROOMY },
};

/** Else twice what recorded traffic was fitted to, and some room: with more no small limit could ever be met. */
const frameOf = (family: Family): Frame => {
  const { request, message } = WEIGHTS[family];
  return FRAMES[family] ?? { request: 2 * request + 16, message: 2 * message + 8 };
};

/** With room: the largest seen in recorded traffic are 92 a call, 560 for tools and 110 for a demanded call (Claude). */
const CALL = 160;
const TOOLS = 900;
const TOOL = 64;
const FORMAT = 400;
/** A schema reaches the model as JSON, XML or TypeScript of its own; never seen above its compact JSON. */
const SCHEMA = 2;

/**
 * The most that one image can take, as published: gpt-4o-mini 2,833 + 8 tiles of 5,667; GPT-5 10,000
 * patches × 1.62; Claude 4,784, older ones 1,600. Gemini publishes none that holds for every model.
 */
const IMAGE: Partial<Record<Family, number>> = {
  "gpt-4": 48_169,
  "gpt-5": 16_200,
  claude: 4_800,
  "claude-4": 1_700,
};
/** 32 tokens a second (Gemini) at 8 kbit/s, the lowest rate of MP3, per base64 character. */
const AUDIO = 0.03;

/** Fields by which a provider reads more than the body holds. */
const OUTSIDE: readonly string[] = [
  "mcp_servers",
  "container",
  "web_search_options",
  "search_parameters",
  "enable_search",
  "plugins",
  "cachedContent",
];

const utf8 = new TextEncoder();

/** Byte-level encodings make at most one token of a byte. */
const bytes = (text: string): number => utf8.encode(text).length;
const jsonBytes = (value: unknown): number =>
  value === undefined ? 0 : bytes(JSON.stringify(value));

const ofPart = (part: Part, family: Family): number | undefined => {
  switch (part.type) {
    case "text":
      return bytes(part.text) + jsonBytes(part.citations);
    case "refusal":
      return bytes(part.text);
    case "thinking":
      return bytes(part.text) + bytes(part.redacted ?? "");
    case "tool_call":
      return CALL + bytes(part.name) + bytes(part.arguments);
    case "image":
      return IMAGE[family];
    case "file":
      return part.source.kind === "text"
        ? bytes(part.filename ?? "") + bytes(part.source.text)
        : undefined;
    case "audio":
      return Math.ceil(part.data.length * AUDIO);
    case "opaque":
      return undefined;
  }
};

/** Sealed thoughts go back to the model opened (Gemini); a base64 character is more than a token of them. */
const sealed = (part: Part): number => ("signature" in part ? (part.signature?.length ?? 0) : 0);

/** Fields that no other dialect knows may be read by the model as well: a document's context, examples of a tool. */
const beside = (said: object): number => ("extra" in said ? jsonBytes(said.extra) : 0);

/** Whole tokens of one message and what stands round it; undefined where a part of it has no known bound. */
export const boundOfMessage = (message: Message, family: Family): number | undefined => {
  let bound = frameOf(family).message + bytes(message.name ?? "") + beside(message);
  for (const part of message.content) {
    const tokens = ofPart(part, family);
    if (tokens === undefined) return undefined;
    bound += tokens + sealed(part) + beside(part);
  }
  return bound;
};

/** Whole tokens of what stands round so many messages; undefined where a provider reads more than it is sent. */
export const boundRound = (messages: number, family: Family): number | undefined => {
  const { request, message } = frameOf(family);
  return family === "searching" ? undefined : request + messages * message;
};

/** Whole tokens; undefined where a part of the input has no known bound. */
export const upperBoundInput = (request: ChatRequest, family: Family): number | undefined => {
  const round = boundRound(0, family);
  if (round === undefined || OUTSIDE.some((field) => (request.extra[field] ?? null) !== null))
    return undefined;
  let bound = round + beside(request);
  for (const message of request.messages) {
    const tokens = boundOfMessage(message, family);
    if (tokens === undefined) return undefined;
    bound += tokens;
  }
  const tools = request.tools ?? [];
  if (tools.length > 0) bound += TOOLS;
  for (const tool of tools) {
    if (tool.native !== undefined) return undefined;
    bound += TOOL + bytes(tool.name) + bytes(tool.description ?? "");
    bound += SCHEMA * (jsonBytes(tool.parameters) + beside(tool));
  }
  const format = request.response_format;
  if (format?.type === "json_schema") {
    const { name, description = "", schema } = format;
    bound += FORMAT + bytes(name) + bytes(description) + SCHEMA * jsonBytes(schema);
  }
  return bound;
};
