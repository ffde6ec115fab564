/**
 * Decides: the bytes of the benchmark's answers, prepared once for each path and model.
 * Never: writes to a socket.
 */

export type Prepared = {
  /** A whole response, head included; then there are no events. */
  readonly whole: Buffer | undefined;
  readonly opening: Buffer;
  readonly events: readonly Buffer[];
  readonly closing: Buffer;
};

/** A piece of a chunked body. */
const chunk = (text: string): Buffer =>
  Buffer.from(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`);

const LAST_CHUNK = "0\r\n\r\n";
const EMPTY = Buffer.alloc(0);

type Dialect = {
  readonly whole: object;
  readonly opening: string;
  readonly event: (text: string) => string;
  readonly closing: string;
};

const sse = (data: unknown, name = ""): string =>
  `${name && `event: ${name}\n`}data: ${JSON.stringify(data)}\n\n`;

const TEXT = "The quick brown fox jumps over the lazy dog. ".repeat(12);

const chat = (delta: object, finish: string | null): object => ({
  id: "chatcmpl-bench",
  object: "chat.completion.chunk",
  created: 1_700_000_000,
  model: "bench",
  system_fingerprint: "fp_bench",
  choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
});

const USAGE = { prompt_tokens: 200, completion_tokens: 200, total_tokens: 400 };

const openai: Dialect = {
  whole: {
    id: "chatcmpl-bench",
    object: "chat.completion",
    created: 1_700_000_000,
    model: "bench",
    choices: [{ index: 0, message: { role: "assistant", content: TEXT }, finish_reason: "stop" }],
    usage: USAGE,
  },
  opening: sse(chat({ role: "assistant", content: "" }, null)),
  event: (content) => sse(chat({ content }, null)),
  closing: `${sse(chat({}, "stop"))}${sse({ ...chat({}, null), choices: [], usage: USAGE })}data: [DONE]\n\n`,
};

const message = { id: "msg_bench", type: "message", role: "assistant", model: "bench" };
const usage = { input_tokens: 200, output_tokens: 200 };

const anthropic: Dialect = {
  whole: {
    ...message,
    content: [{ type: "text", text: TEXT }],
    stop_reason: "end_turn",
    stop_sequence: null,
    usage,
  },
  opening:
    sse(
      {
        type: "message_start",
        message: { ...message, content: [], stop_reason: null, stop_sequence: null, usage },
      },
      "message_start",
    ) +
    sse(
      { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
      "content_block_start",
    ),
  event: (text) =>
    sse(
      { type: "content_block_delta", index: 0, delta: { type: "text_delta", text } },
      "content_block_delta",
    ),
  closing:
    sse({ type: "content_block_stop", index: 0 }, "content_block_stop") +
    sse(
      {
        type: "message_delta",
        delta: { stop_reason: "end_turn", stop_sequence: null },
        usage: { output_tokens: 200 },
      },
      "message_delta",
    ) +
    sse({ type: "message_stop" }, "message_stop"),
};

const known = new Map<string, Prepared>();

export const prepared = (path: string, model: string): Prepared => {
  const key = `${path} ${model}`;
  const found = known.get(key) ?? prepare(path.endsWith("/messages") ? anthropic : openai, model);
  known.set(key, found);
  return found;
};

const prepare = (dialect: Dialect, model: string): Prepared => {
  const [kind = "", size = "0", each = "1"] = model.split("-");
  if (!["burst", "batch", "paced", "event", "open"].includes(kind)) {
    return wholeAnswer(dialect.whole);
  }
  const count = kind === "open" ? 5 : kind === "event" ? 1 : Number(size);
  const text = kind === "event" ? "x".repeat(Number(size)) : " token";
  return {
    whole: undefined,
    opening: chunk(dialect.opening),
    events:
      kind === "batch"
        ? Array.from({ length: count / Number(each) }, () =>
            chunk(dialect.event(text).repeat(Number(each))),
          )
        : Array.from({ length: count }, () => chunk(dialect.event(text))),
    closing: Buffer.concat([chunk(dialect.closing), Buffer.from(LAST_CHUNK)]),
  };
};

const wholeAnswer = (body: object): Prepared => {
  const text = JSON.stringify(body);
  const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n`;
  return { whole: Buffer.from(head + text), opening: EMPTY, events: [], closing: EMPTY };
};
