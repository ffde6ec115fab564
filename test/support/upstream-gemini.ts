/**
 * Decides: how the test upstream reads and writes Gemini's generateContent.
 * Never: decides what is said or when.
 */
import type { Answer, Asked, Figures } from "./upstream-answer.ts";
import { type Body, list, number, object, type Stream, sse, type Wire } from "./upstream-wire.ts";

const FINISH = { stop: "STOP", length: "MAX_TOKENS", tools: "STOP" } as const;

const read = (path: string, body: Body): Asked => {
  const [, model = "", method = ""] = /\/models\/([^:]+):(\w+)/.exec(path) ?? [];
  const last = list(body["contents"]).at(-1);
  const isResult = list(last?.["parts"]).some((part) => part["functionResponse"] !== undefined);
  const config = object(body["generationConfig"]);
  return {
    model: decodeURIComponent(model),
    stream: method === "streamGenerateContent",
    includeUsage: true,
    tools: list(body["tools"]).flatMap((tool) =>
      list(tool["functionDeclarations"]).map((declared) => ({
        name: String(declared["name"]),
        schema: declared["parametersJsonSchema"] ?? declared["parameters"],
      })),
    ),
    schema: config?.["responseJsonSchema"] ?? config?.["responseSchema"],
    maxTokens: number(config?.["maxOutputTokens"]),
    lastRole: isResult ? "tool" : last?.["role"] === "model" ? "assistant" : "user",
  };
};

const usage = (figures: Figures | undefined): object | undefined =>
  figures && {
    promptTokenCount: figures.input,
    cachedContentTokenCount: figures.cached,
    candidatesTokenCount: figures.output,
    totalTokenCount: figures.input + figures.output,
  };

const response = (
  model: string,
  parts: readonly object[],
  answer: Answer,
  last: boolean,
): object => ({
  candidates: [
    {
      content: { parts, role: "model" },
      index: 0,
      ...(last && { finishReason: FINISH[answer.finish] }),
    },
  ],
  ...(last && { usageMetadata: usage(answer.usage) }),
  modelVersion: model,
  responseId: "resp_test",
});

const calls = (answer: Answer): object[] =>
  answer.tools.map(({ id, name, input }) => ({ functionCall: { id, name, args: input } }));

const whole = (model: string, answer: Answer): unknown => {
  const parts = answer.tools.length > 0 ? calls(answer) : [{ text: answer.tokens.join("") }];
  return response(model, parts, answer, true);
};

const stream = (model: string, answer: Answer): Stream => {
  const parts = answer.tools.length > 0 ? calls(answer) : answer.tokens.map((text) => ({ text }));
  return {
    open: [],
    content: parts.map((part) => sse(response(model, [part], answer, false))),
    close: [sse(response(model, [{ text: "" }], answer, true))],
    terminal: "",
  };
};

const STATUS: Readonly<Record<number, string>> = {
  400: "INVALID_ARGUMENT",
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND",
  429: "RESOURCE_EXHAUSTED",
  500: "INTERNAL",
  503: "UNAVAILABLE",
};

const error: Wire["error"] = ({ status, message }) => ({
  error: { code: status, message, status: STATUS[status] ?? "UNKNOWN" },
});

export const gemini: Wire = {
  dialect: "gemini",
  read,
  whole,
  stream,
  error,
  errorEvent: (fault) => sse(error(fault)),
};
