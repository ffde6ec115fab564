/**
 * Decides: how Workers AI's own answers become OpenAI chat: older models answer `{response}`, newer
 * ones speak OpenAI's form already. It is reached through the `AI` binding, never by address.
 * Never: runs a model; the platform's binding does.
 */
import { parseExactJson } from "../base/exact-json.ts";
import { isRecord } from "../base/record.ts";
import { err, ok } from "../base/result.ts";
import type { Dialect } from "../dialects/dialect.ts";
import { openaiChat } from "../dialects/openai-chat/dialect.ts";
import { nowhere, PLAIN, type Provider } from "./provider.ts";

/** `{name, arguments: {…}}`, whole, as older models give it, or OpenAI's form, which stays. */
const toolCall = (call: unknown, index: number): unknown => {
  if (!isRecord(call) || "function" in call) return call;
  const given = call["arguments"];
  return {
    index,
    id: call["id"] ?? `call_${index}`,
    type: "function",
    function: {
      name: call["name"],
      arguments: typeof given === "string" ? given : JSON.stringify(given ?? {}),
    },
  };
};

/** `before`: the calls that earlier events of the same answer have brought. */
const said = (body: Record<string, unknown>, before = 0): Record<string, unknown> => {
  const response = body["response"];
  const given = Array.isArray(body["tool_calls"]) ? body["tool_calls"] : [];
  const calls = given.map((call, at) => toolCall(call, before + at));
  const content = typeof response === "string" ? response : JSON.stringify(response ?? "");
  return {
    ...(response === undefined || response === null ? {} : { content }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
};

const finishOf = (body: Record<string, unknown>): unknown =>
  body["finish_reason"] ??
  (Array.isArray(body["tool_calls"]) && body["tool_calls"].length > 0 ? "tool_calls" : "stop");

/** A whole answer in OpenAI's form. */
export const wholeAnswer = (body: unknown): unknown => {
  if (!isRecord(body) || "choices" in body) return body;
  if (!("response" in body) && !("tool_calls" in body)) return body;
  const message = { role: "assistant", content: null, ...said(body) };
  return {
    id: "workers-ai",
    object: "chat.completion",
    created: 0,
    model: body["model"] ?? "workers-ai",
    choices: [{ index: 0, message, finish_reason: finishOf(body) }],
    ...(isRecord(body["usage"]) ? { usage: body["usage"] } : {}),
  };
};

/** One event of a stream in OpenAI's form. */
const chunk = (body: unknown, before: number): unknown => {
  if (!isRecord(body) || "choices" in body || "error" in body) return body;
  const reason = body["finish_reason"] ?? null;
  return {
    id: "workers-ai",
    object: "chat.completion.chunk",
    created: 0,
    model: body["model"] ?? "workers-ai",
    choices: [{ index: 0, delta: said(body, before), finish_reason: reason }],
    ...(isRecord(body["usage"]) ? { usage: body["usage"] } : {}),
  };
};

const accent: Dialect = {
  ...openaiChat,
  response: {
    ...openaiChat.response,
    decode: (body) => openaiChat.response.decode(wholeAnswer(body)),
    usage: (body) => openaiChat.response.usage(wholeAnswer(body)),
  },
  stream: {
    ...openaiChat.stream,
    decoder: () => {
      const decoder = openaiChat.stream.decoder();
      let finished = false;
      let calls = 0;
      return {
        decode: (event) => {
          let data = event.data;
          if (data !== "[DONE]") {
            try {
              data = JSON.stringify(chunk(parseExactJson(data), calls));
            } catch {
              return err("malformed");
            }
          }
          const events = decoder.decode({ event: event.event, data });
          if (!events.ok) return events;
          finished ||= events.value.some(({ type }) => type === "finish");
          calls += events.value.filter(({ type }) => type === "tool_call").length;
          // Older models send no finish reason; [DONE] alone says that the answer is whole.
          const ends = !finished && events.value.some(({ type }) => type === "end");
          if (!ends) return events;
          const reason = calls > 0 ? "tool_calls" : "stop";
          return ok([{ type: "finish", choice: 0, reason }, ...events.value]);
        },
        finish: () => decoder.finish(),
      };
    },
  },
};

export const workersAi: Provider = {
  baseUrl: undefined,
  needsKey: false,
  operations: new Set(["chat", "embeddings"]),
  quirks: { ...PLAIN, olderOutputCap: true },
  address: nowhere,
  binding: "workers-ai",
  accent,
};
