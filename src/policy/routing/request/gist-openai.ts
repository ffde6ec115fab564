/**
 * Decides: what an OpenAI chat or embeddings body holds, as far as routing cares.
 * Never: refuses a body; what it does not understand it passes over.
 */
import { isRecord, own } from "../../../base/record.ts";
import {
  addMedia,
  addTools,
  cap,
  emptySketch,
  endsWithAssistant,
  type Gist,
  list,
  need,
  type Role,
  type Sketch,
  weigh,
} from "./gist.ts";

const ROLES: Readonly<Record<string, Role>> = {
  system: "system",
  developer: "system",
  assistant: "assistant",
  tool: "tool",
  function: "tool",
};

const readPart = (sketch: Sketch, part: unknown, texts: string[]): void => {
  if (!isRecord(part)) return;
  const { type, text, refusal, input_audio: audio } = part;
  if (typeof text === "string") texts.push(text);
  else if (typeof refusal === "string") texts.push(refusal);
  else if (type === "image_url") addMedia(sketch, "image/", "messages");
  else if (type === "file") addMedia(sketch, "", "messages");
  else if (type === "input_audio") {
    const data = isRecord(audio) ? audio["data"] : undefined;
    addMedia(sketch, "audio/", "messages", typeof data === "string" ? data.length : 0);
  }
};

/** A function's arguments stand below one name, a custom tool's input below another. */
const madeBy = (call: unknown): unknown =>
  isRecord(call) ? (call["function"] ?? call["custom"]) : undefined;

const readMessage = (sketch: Sketch, message: unknown): void => {
  if (!isRecord(message)) return;
  const texts: string[] = [];
  const { content, role, tool_calls: calls, function_call: call } = message;
  if (typeof content === "string") texts.push(content);
  for (const part of list(content)) readPart(sketch, part, texts);
  for (const made of [...list(calls).map(madeBy), call]) {
    const written = isRecord(made) ? (made["arguments"] ?? made["input"]) : undefined;
    if (typeof written === "string") texts.push(written);
  }
  sketch.turns.push({ role: own(ROLES, String(role)) ?? "user", texts });
};

const readFormat = (sketch: Sketch, format: unknown): void => {
  if (!isRecord(format)) return;
  const { type } = format;
  if (type !== "json_schema" && type !== "json_object") return;
  need(sketch, "json", "response_format");
  sketch.schema += weigh(format);
};

/** `input` of the embeddings endpoint: a text, texts, or token ids. */
const readInput = (sketch: Sketch, input: unknown): void => {
  if (input === undefined) return;
  need(sketch, "embeddings", "model");
  const texts = [input, ...list(input)].filter((text) => typeof text === "string");
  sketch.turns.push({ role: "user", texts });
};

export const readOpenAi = (body: Record<string, unknown>): Gist => {
  const sketch = emptySketch();
  for (const message of list(body["messages"])) readMessage(sketch, message);
  readInput(sketch, body["input"]);
  addTools(sketch, [...list(body["tools"]), ...list(body["functions"])], "tools");
  readFormat(sketch, body["response_format"]);
  const effort = body["reasoning_effort"] ?? body["reasoning"] ?? "none";
  if (effort !== "none") need(sketch, "reasoning", "reasoning_effort");
  if (list(body["modalities"]).includes("audio")) need(sketch, "audio", "modalities");
  if (endsWithAssistant(sketch)) need(sketch, "prefill", "messages");
  sketch.outputCap = cap(body["max_completion_tokens"]) ?? cap(body["max_tokens"]);
  return sketch;
};
