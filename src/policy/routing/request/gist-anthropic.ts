/**
 * Decides: what an Anthropic messages body holds, as far as routing cares.
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
  type Sketch,
  weigh,
} from "./gist.ts";

const readDocument = (sketch: Sketch, source: unknown, texts: string[]): void => {
  const { type, data, content } = isRecord(source) ? source : {};
  if (type === "text" && typeof data === "string") texts.push(data);
  else if (type === "content") readContent(sketch, content, texts);
  else addMedia(sketch, "", "messages");
};

const readContent = (sketch: Sketch, content: unknown, texts: string[]): void => {
  if (typeof content === "string") texts.push(content);
  for (const block of list(content)) {
    if (!isRecord(block)) continue;
    const { type, text, thinking, source, content: inner, input } = block;
    if (typeof text === "string") texts.push(text);
    else if (typeof thinking === "string") texts.push(thinking);
    else if (type === "image") addMedia(sketch, "image/", "messages");
    else if (type === "document") readDocument(sketch, source, texts);
    else if (type === "tool_use") sketch.schema += weigh(input);
    else readContent(sketch, inner, texts);
  }
};

const isToolResult = (block: unknown): boolean =>
  isRecord(block) && block["type"] === "tool_result";

const readMessage = (sketch: Sketch, message: unknown): void => {
  if (!isRecord(message)) return;
  const { role, content } = message;
  const texts: string[] = [];
  readContent(sketch, content, texts);
  const asked = list(content).some(isToolResult) ? "tool" : "user";
  sketch.turns.push({ role: role === "assistant" ? "assistant" : asked, texts });
};

export const readAnthropic = (body: Record<string, unknown>): Gist => {
  const sketch = emptySketch();
  const system: string[] = [];
  readContent(sketch, body["system"], system);
  if (system.length > 0) sketch.turns.push({ role: "system", texts: system });
  for (const message of list(body["messages"])) readMessage(sketch, message);
  addTools(sketch, list(body["tools"]), "tools");
  const { thinking, output_config: output, output_format: format } = body;
  const schema = format ?? (isRecord(output) ? output["format"] : undefined);
  if (isRecord(schema)) {
    need(sketch, "json", format === undefined ? "output_config" : "output_format");
    sketch.schema += weigh(schema);
  }
  if (isRecord(thinking) && thinking["type"] !== "disabled") need(sketch, "reasoning", "thinking");
  if (endsWithAssistant(sketch)) need(sketch, "prefill", "messages");
  sketch.outputCap = cap(body["max_tokens"]);
  return sketch;
};
