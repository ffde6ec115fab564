/**
 * Decides: how the test upstream reads and writes OpenAI's chat completions.
 * Never: decides what is said or when.
 */
import type { Answer, Asked, Figures } from "./upstream-answer.ts";
import { pieces } from "./upstream-answer.ts";
import { type Body, list, number, object, type Stream, sse, type Wire } from "./upstream-wire.ts";

const ID = "chatcmpl-test";
const CREATED = 1_700_000_000;
const FINISH = { stop: "stop", length: "length", tools: "tool_calls" } as const;

const read = (_path: string, body: Body): Asked => {
  const role = list(body["messages"]).at(-1)?.["role"];
  const format = object(body["response_format"]);
  return {
    model: String(body["model"]),
    stream: body["stream"] === true,
    includeUsage: object(body["stream_options"])?.["include_usage"] === true,
    tools: list(body["tools"]).flatMap((tool) => {
      const called = object(tool["function"]);
      return called === undefined
        ? []
        : [{ name: String(called["name"]), schema: called["parameters"] }];
    }),
    schema: object(format?.["json_schema"])?.["schema"],
    maxTokens: number(body["max_completion_tokens"]) ?? number(body["max_tokens"]),
    lastRole: role === "assistant" || role === "tool" ? role : "user",
  };
};

const usage = (figures: Figures | undefined): object | undefined =>
  figures && {
    prompt_tokens: figures.input,
    completion_tokens: figures.output,
    total_tokens: figures.input + figures.output,
    prompt_tokens_details: { cached_tokens: figures.cached },
  };

const whole = (model: string, answer: Answer): unknown => ({
  id: ID,
  object: "chat.completion",
  created: CREATED,
  model,
  choices: [
    {
      index: 0,
      message: {
        role: "assistant",
        content: answer.tools.length > 0 ? null : answer.tokens.join(""),
        refusal: null,
        ...(answer.tools.length > 0 && {
          tool_calls: answer.tools.map(({ id, name, input }) => ({
            id,
            type: "function",
            function: { name, arguments: JSON.stringify(input) },
          })),
        }),
      },
      logprobs: null,
      finish_reason: FINISH[answer.finish],
    },
  ],
  usage: usage(answer.usage),
  system_fingerprint: "fp_test",
});

const stream = (model: string, answer: Answer, asked: Asked): Stream => {
  const chunk = (delta: object, finish: string | null = null): string =>
    sse({
      id: ID,
      object: "chat.completion.chunk",
      created: CREATED,
      model,
      system_fingerprint: "fp_test",
      choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
      ...(asked.includeUsage && { usage: null }),
    });
  const calls = answer.tools.flatMap(({ id, name, input }, index) => [
    chunk({ tool_calls: [{ index, id, type: "function", function: { name, arguments: "" } }] }),
    ...pieces(JSON.stringify(input)).map((text) =>
      chunk({ tool_calls: [{ index, function: { arguments: text } }] }),
    ),
  ]);
  const figures = asked.includeUsage ? usage(answer.usage) : undefined;
  const last = { id: ID, object: "chat.completion.chunk", created: CREATED, model, choices: [] };
  return {
    open: [chunk({ role: "assistant", content: "", refusal: null })],
    content: [...answer.tokens.map((content) => chunk({ content })), ...calls],
    close: [
      chunk({}, FINISH[answer.finish]),
      ...(figures === undefined ? [] : [sse({ ...last, usage: figures })]),
    ],
    terminal: "data: [DONE]\n\n",
  };
};

const error: Wire["error"] = ({ status, code, message }) => ({
  error: {
    message,
    type: status >= 500 ? "server_error" : "invalid_request_error",
    param: null,
    code: code ?? null,
  },
});

export const openai: Wire = {
  dialect: "openai",
  read,
  whole,
  stream,
  error,
  errorEvent: (fault) => sse(error(fault)),
};
