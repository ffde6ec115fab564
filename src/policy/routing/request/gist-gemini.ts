/**
 * Decides: what a Gemini generateContent body holds, as far as routing cares.
 * Never: refuses a body; what it does not understand it passes over.
 */
import { isRecord } from "../../../base/record.ts";
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

/** Google takes its fields in camel case and in snake case. */
const field = (from: unknown, camel: string, snake: string): unknown =>
  isRecord(from) ? (from[camel] ?? from[snake]) : undefined;

const readPart = (sketch: Sketch, part: unknown, texts: string[]): void => {
  if (!isRecord(part)) return;
  const { text } = part;
  const inline = field(part, "inlineData", "inline_data");
  const file = field(part, "fileData", "file_data");
  const call = field(part, "functionCall", "function_call");
  const answer = field(part, "functionResponse", "function_response");
  if (typeof text === "string") texts.push(text);
  else if (isRecord(inline)) {
    const { data } = inline;
    const size = typeof data === "string" ? data.length : 0;
    addMedia(sketch, String(field(inline, "mimeType", "mime_type") ?? ""), "contents", size);
  } else if (isRecord(file)) {
    addMedia(sketch, String(field(file, "mimeType", "mime_type") ?? ""), "contents");
  } else sketch.schema += weigh(call ?? answer ?? "");
};

const readContent = (sketch: Sketch, content: unknown, role: Role): void => {
  if (!isRecord(content)) return;
  const texts: string[] = [];
  for (const part of list(content["parts"])) readPart(sketch, part, texts);
  sketch.turns.push({ role: content["role"] === "model" ? "assistant" : role, texts });
};

const readGeneration = (sketch: Sketch, config: unknown): void => {
  const mime = field(config, "responseMimeType", "response_mime_type");
  const schema =
    field(config, "responseSchema", "response_schema") ??
    field(config, "responseJsonSchema", "response_json_schema");
  if (mime === "application/json" || schema !== undefined) {
    need(sketch, "json", "generationConfig.responseMimeType");
    sketch.schema += weigh(schema ?? "");
  }
  const thinking = field(config, "thinkingConfig", "thinking_config");
  // A budget of 0 asks for no thinking.
  if (isRecord(thinking) && field(thinking, "thinkingBudget", "thinking_budget") !== 0) {
    need(sketch, "reasoning", "generationConfig.thinkingConfig");
  }
  sketch.outputCap = cap(field(config, "maxOutputTokens", "max_output_tokens"));
};

export const readGemini = (body: Record<string, unknown>): Gist => {
  const sketch = emptySketch();
  readContent(sketch, field(body, "systemInstruction", "system_instruction"), "system");
  for (const content of list(body["contents"])) readContent(sketch, content, "user");
  addTools(sketch, list(body["tools"]), "tools");
  readGeneration(sketch, field(body, "generationConfig", "generation_config"));
  if (endsWithAssistant(sketch)) need(sketch, "prefill", "contents");
  return sketch;
};
