/**
 * Decides: how the test upstream reads and writes Anthropic's messages.
 * Never: decides what is said or when.
 */
import type { Answer, Asked, Figures } from "./upstream-answer.ts";
import { pieces } from "./upstream-answer.ts";
import { type Body, list, number, object, type Stream, sse, type Wire } from "./upstream-wire.ts";

const FINISH = { stop: "end_turn", length: "max_tokens", tools: "tool_use" } as const;

const read = (_path: string, body: Body): Asked => {
  const last = list(body["messages"]).at(-1);
  const isResult = list(last?.["content"]).some((part) => part["type"] === "tool_result");
  const format = object(body["output_format"]) ?? object(object(body["output_config"])?.["format"]);
  return {
    model: String(body["model"]),
    stream: body["stream"] === true,
    includeUsage: true,
    tools: list(body["tools"]).map((tool) => ({
      name: String(tool["name"]),
      schema: tool["input_schema"],
    })),
    schema: format?.["schema"],
    maxTokens: number(body["max_tokens"]),
    lastRole: isResult ? "tool" : last?.["role"] === "assistant" ? "assistant" : "user",
  };
};

const usage = (figures: Figures | undefined): object | undefined =>
  figures && {
    input_tokens: figures.input - figures.cached,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: figures.cached,
    output_tokens: figures.output,
  };

const message = (model: string): object => ({
  id: "msg_test",
  type: "message",
  role: "assistant",
  model,
});

const whole = (model: string, answer: Answer): unknown => ({
  ...message(model),
  content:
    answer.tools.length > 0
      ? answer.tools.map((tool) => ({ type: "tool_use", ...tool }))
      : [{ type: "text", text: answer.tokens.join("") }],
  stop_reason: FINISH[answer.finish],
  stop_sequence: null,
  usage: usage(answer.usage),
});

const event = (type: string, more: object): string => sse({ type, ...more }, type);

const block = (index: number, start: object, deltas: readonly object[]): string[] => [
  event("content_block_start", { index, content_block: start }),
  ...deltas.map((delta) => event("content_block_delta", { index, delta })),
];

const stream = (model: string, answer: Answer): Stream => {
  const started = answer.usage && { ...answer.usage, output: 1 };
  const stop = (index: number): string => event("content_block_stop", { index });
  const text = answer.tokens.map((token) => ({ type: "text_delta", text: token }));
  const calls = answer.tools.flatMap(({ id, name, input }, index) => [
    ...block(
      index,
      { type: "tool_use", id, name, input: {} },
      pieces(JSON.stringify(input)).map((partial_json) => ({
        type: "input_json_delta",
        partial_json,
      })),
    ),
    stop(index),
  ]);
  const [opened, ...deltas] = block(0, { type: "text", text: "" }, text);
  const isText = answer.tools.length === 0;
  return {
    open: [
      event("message_start", {
        message: {
          ...message(model),
          content: [],
          stop_reason: null,
          stop_sequence: null,
          usage: usage(started),
        },
      }),
      ...(isText && opened !== undefined ? [opened] : []),
      event("ping", {}),
    ],
    content: isText ? deltas : calls,
    close: [
      ...(isText ? [stop(0)] : []),
      event("message_delta", {
        delta: { stop_reason: FINISH[answer.finish], stop_sequence: null },
        ...(answer.usage && { usage: { output_tokens: answer.usage.output } }),
      }),
    ],
    terminal: event("message_stop", {}),
  };
};

const TYPES: Readonly<Record<number, string>> = {
  400: "invalid_request_error",
  401: "authentication_error",
  402: "billing_error",
  403: "permission_error",
  404: "not_found_error",
  413: "request_too_large",
  429: "rate_limit_error",
  529: "overloaded_error",
};

const error: Wire["error"] = (fault) => ({
  type: "error",
  error: { type: TYPES[fault.status] ?? "api_error", message: fault.message },
  request_id: "req_test",
});

export const anthropic: Wire = {
  dialect: "anthropic",
  read,
  whole,
  stream,
  error,
  errorEvent: (fault) => sse(error(fault), "error"),
};
