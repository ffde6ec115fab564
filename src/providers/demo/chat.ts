/**
 * Decides: what `demo` answers: it repeats what it was told, calls tools and fills schemas, all from
 * the request alone.
 * Never: draws lots or reads a clock: the same request gets the same bytes.
 */
import { isRecord } from "../../base/record.ts";
import { openaiChat } from "../../dialects/openai-chat/dialect.ts";
import { unfold } from "../../dialects/unfold.ts";
import type { ChatResponse, Choice, FinishReason, Part } from "../../domain/chat.ts";
import type { ChatEvent } from "../../domain/event.ts";
import { sample } from "./sample.ts";

const LONGEST_QUOTE = 200;

const textOf = (content: unknown): string => {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content
    .map((part) => (isRecord(part) && typeof part["text"] === "string" ? part["text"] : ""))
    .filter((text) => text !== "")
    .join(" ");
};

/** Words and marks, which is close enough for a model that is free. */
const tokens = (text: string): readonly string[] => text.match(/\s*[^\s]+/g) ?? [];

const last = (body: Record<string, unknown>): Record<string, unknown> => {
  const messages = Array.isArray(body["messages"]) ? body["messages"] : [];
  const message: unknown = messages.at(-1);
  return isRecord(message) ? message : {};
};

const functionOf = (tool: unknown): Record<string, unknown> =>
  isRecord(tool) && isRecord(tool["function"]) ? tool["function"] : {};

/** The tool to call: the one that is asked for by name, else the first, unless it has been called just now. */
const toolFor = (body: Record<string, unknown>): Record<string, unknown> | undefined => {
  const tools = Array.isArray(body["tools"]) ? body["tools"].map(functionOf) : [];
  const choice = body["tool_choice"];
  if (isRecord(choice)) return tools.find(({ name }) => name === functionOf(choice)["name"]);
  const answered = last(body)["role"] === "tool";
  if (choice === "none" || (choice !== "required" && answered)) return undefined;
  return tools[0];
};

const textFor = (body: Record<string, unknown>): string => {
  const format = isRecord(body["response_format"]) ? body["response_format"] : {};
  const { role, content } = last(body);
  const quote = textOf(content).slice(0, LONGEST_QUOTE);
  if (format["type"] === "json_schema" && isRecord(format["json_schema"])) {
    return JSON.stringify(sample(format["json_schema"]["schema"]));
  }
  if (format["type"] === "json_object") return JSON.stringify({ model: "demo", you_said: quote });
  return role === "tool"
    ? `The tool answered: ${quote}`
    : `This is Headgate's demo model, which needs no provider key. You said: ${quote}`;
};

/** Applies the caller's stop sequences and output cap, as a real model would. */
const bounded = (
  text: string,
  body: Record<string, unknown>,
): { readonly text: string; readonly reason: FinishReason; readonly count: number } => {
  const stops = [body["stop"] ?? []].flat().filter((stop) => typeof stop === "string");
  const at = Math.min(...stops.map((stop) => text.indexOf(stop)).filter((index) => index >= 0));
  const spoken = tokens(Number.isFinite(at) ? text.slice(0, at) : text);
  const cap = body["max_completion_tokens"] ?? body["max_tokens"];
  const limit = typeof cap === "number" ? cap : spoken.length;
  return {
    text: spoken.slice(0, limit).join(""),
    reason: limit < spoken.length ? "length" : "stop",
    count: Math.min(limit, spoken.length),
  };
};

const answer = (
  body: Record<string, unknown>,
): { parts: readonly Part[]; reason: FinishReason; count: number } => {
  const tool = toolFor(body);
  if (tool === undefined) {
    const { text, reason, count } = bounded(textFor(body), body);
    return { parts: [{ type: "text", text }], reason, count };
  }
  const given = JSON.stringify(sample(tool["parameters"]));
  const name = String(tool["name"]);
  return {
    parts: [{ type: "tool_call", id: `call_demo_${name}`.slice(0, 40), name, arguments: given }],
    reason: "tool_calls",
    count: tokens(given).length,
  };
};

/** A whole answer as an object, or a stream as text. `body` is an OpenAI chat request. */
export const demoChat = (body: Record<string, unknown>): Record<string, unknown> | string => {
  const { parts, reason, count } = answer(body);
  const n = typeof body["n"] === "number" ? body["n"] : 1;
  const choices = Array.from(
    { length: n },
    (_, index): Choice => ({ index, content: parts, finish_reason: reason }),
  );
  const messages = Array.isArray(body["messages"]) ? body["messages"] : [];
  const response: ChatResponse = {
    id: "chatcmpl-demo",
    model: "demo",
    created: 0,
    choices,
    usage: {
      input_tokens: messages.reduce(
        (sum: number, message: unknown) =>
          sum + tokens(textOf(isRecord(message) ? message["content"] : "")).length,
        0,
      ),
      output_tokens: count * n,
    },
    extra: {},
  };
  const options = isRecord(body["stream_options"]) ? body["stream_options"] : {};
  const context = {
    requestId: "chatcmpl-demo",
    created: 0,
    includeUsage: options["include_usage"] === true,
  };
  if (body["stream"] !== true) return openaiChat.response.encode(response, context);
  const encoder = openaiChat.stream.encoder(context);
  const events = unfold(response).flatMap((event): readonly ChatEvent[] =>
    event.type === "text" ? tokens(event.text).map((text) => ({ ...event, text })) : [event],
  );
  return events.map((event) => encoder.encode(event)).join("");
};
