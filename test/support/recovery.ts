/**
 * Decides: nothing: the same answer as each provider would stream it, and what a caller makes of a stream.
 */
import type { Played } from "./pipeline.ts";

export const WORDS = ["One", " two", " three,", " né", " 四", " five", "."];
export const MESSAGES = [{ role: "user", content: "count" }];
export const SECRETS = { KEY: "k" };

const secret = { api_key: { secret: "KEY" } };
export const CONFIG = {
  providers: {
    openai: { kind: "openai", base_url: "https://openai.example/v1" },
    anthropic: { kind: "anthropic", base_url: "https://anthropic.example", ...secret },
    gemini: { kind: "gemini", base_url: "https://gemini.example", ...secret },
  },
  models: {
    openai: { provider: "openai", capabilities: [] },
    anthropic: { provider: "anthropic", capabilities: [] },
    gemini: { provider: "gemini", capabilities: [] },
    "openai-2": { provider: "openai", capabilities: [] },
    "anthropic-2": { provider: "anthropic", capabilities: [] },
    "gemini-2": { provider: "gemini", capabilities: [] },
    prefilled: { provider: "anthropic", capabilities: ["prefill"] },
  },
  resilience: { max_retries: 0 },
};

const sse = (data: unknown, event = ""): string =>
  `${event === "" ? "" : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`;

const openai = (words: readonly string[]): readonly string[] => {
  const chunk = (delta: object, finish_reason: string | null = null) =>
    sse({
      id: "c",
      object: "chat.completion.chunk",
      created: 1,
      model: "m",
      choices: [{ index: 0, delta, finish_reason }],
    });
  return [
    chunk({ role: "assistant", content: "" }),
    ...words.map((content) => chunk({ content })),
    chunk({}, "stop"),
    "data: [DONE]\n\n",
  ];
};

const anthropic = (words: readonly string[]): readonly string[] => {
  const event = (type: string, more: object) => sse({ type, ...more }, type);
  const usage = { input_tokens: 3, output_tokens: 1 };
  const message = { id: "m", type: "message", role: "assistant", model: "c", content: [], usage };
  return [
    event("message_start", { message }),
    event("content_block_start", { index: 0, content_block: { type: "text", text: "" } }),
    ...words.map((text) =>
      event("content_block_delta", { index: 0, delta: { type: "text_delta", text } }),
    ),
    event("content_block_stop", { index: 0 }),
    event("message_delta", {
      delta: { stop_reason: "end_turn", stop_sequence: null },
      usage: { output_tokens: 7 },
    }),
    event("message_stop", {}),
  ];
};

const gemini = (words: readonly string[]): readonly string[] =>
  words.map((text, index) =>
    sse({
      responseId: "r",
      modelVersion: "g",
      candidates: [
        {
          index: 0,
          content: { role: "model", parts: [{ text }] },
          ...(index === words.length - 1 && { finishReason: "STOP" }),
        },
      ],
      usageMetadata: { promptTokenCount: 3, candidatesTokenCount: index + 1 },
    }),
  );

const FRAMES = { openai, anthropic, gemini } as const;

export const framesOf = (kind: keyof typeof FRAMES, words: readonly string[]): readonly string[] =>
  FRAMES[kind](words);

/** The whole answer, all at once. */
export const answers = (kind: keyof typeof FRAMES): Played => ({
  type: "text/event-stream",
  body: [framesOf(kind, WORDS).join("")],
});

export type Heard = {
  readonly text: string;
  /** It ended in the dialect's terminal mark. */
  readonly whole: boolean;
  readonly error: string | undefined;
};

/** What a caller hears in a stream of his dialect. */
export const said = (dialect: "openai-chat" | "anthropic-messages", stream: string): Heard => {
  const data = [...stream.matchAll(/^data: (.*)$/gm)].map(([, line = ""]) => line);
  const events = data.filter((line) => line !== "[DONE]").map((line) => JSON.parse(line));
  const text = events
    .map(
      (event) =>
        (dialect === "openai-chat" ? event.choices?.[0]?.delta?.content : event.delta?.text) ?? "",
    )
    .join("");
  const whole =
    dialect === "openai-chat" ? data.at(-1) === "[DONE]" : events.at(-1)?.type === "message_stop";
  return { text, whole, error: events.findLast((event) => event.error)?.error.code };
};
