import { describe, expect, it } from "vitest";
import { fold } from "../../../src/dialects/fold.ts";
import { DIALECTS } from "../../../src/dialects/index.ts";
import { unfold } from "../../../src/dialects/unfold.ts";
import type { ChatResponse, FinishReason } from "../../../src/domain/chat.ts";
import type { ChatEvent } from "../../../src/domain/event.ts";
import { encodeEvents } from "../../laws/dialects-streamed.ts";
import { fixtureEvents } from "../recorded-by-hand.ts";

const OPENAI = DIALECTS["openai-chat"];
const ANTHROPIC = DIALECTS["anthropic-messages"];
const context = { requestId: "r", created: 7, includeUsage: true };

type Chunk = {
  choices: { delta: Record<string, unknown>; finish_reason: string | null }[];
  usage?: unknown;
};
const chunks = (frames: string): Chunk[] =>
  (frames.match(/(?<=^data: ){.*/gm) ?? []).map((data) => JSON.parse(data) as Chunk);
const answer = (choice: Partial<ChatResponse["choices"][number]>): ChatResponse => ({
  id: "a",
  model: "m",
  choices: [{ index: 0, content: [], finish_reason: "stop", ...choice }],
  extra: {},
});

describe("finish reasons", () => {
  it.each<[FinishReason, openai: string, anthropic: string]>([
    ["stop", "stop", "end_turn"],
    ["stop_sequence", "stop", "stop_sequence"],
    ["length", "length", "max_tokens"],
    ["tool_calls", "tool_calls", "tool_use"],
    ["content_filter", "content_filter", "refusal"],
    ["refusal", "content_filter", "refusal"],
    ["pause", "length", "pause_turn"],
    ["context_window", "length", "model_context_window_exceeded"],
    ["unknown", "stop", "end_turn"],
  ])("%s is %s and %s", (finish_reason, openai, anthropic) => {
    const response = answer({ finish_reason });
    expect(OPENAI.response.encode(response, context)).toMatchObject({
      choices: [{ finish_reason: openai }],
    });
    expect(ANTHROPIC.response.encode(response, context)).toMatchObject({ stop_reason: anthropic });
  });

  it("say refusal to an Anthropic client where the answer is one", () => {
    const response = answer({ content: [{ type: "refusal", text: "No." }] });
    expect(ANTHROPIC.response.encode(response, context)).toMatchObject({
      content: [{ type: "text", text: "No." }],
      stop_reason: "refusal",
    });
  });
});

describe("an Anthropic stream for an OpenAI client", () => {
  const events = fixtureEvents(ANTHROPIC, "thinking-tool.sse");

  it("has the role first, then each piece, the finish, the usage and [DONE]", () => {
    const frames = encodeEvents(OPENAI, events, context);
    const deltas = chunks(frames).map(({ choices }) => choices[0]?.delta);
    expect(deltas[0]).toEqual({ role: "assistant", content: "", refusal: null });
    expect(deltas[1]).toMatchObject({ reasoning_content: "The user wants" });
    expect(deltas.find((delta) => delta?.["content"] === "I look.")).toBeDefined();
    expect(chunks(frames).at(-2)?.choices).toEqual([
      { index: 0, delta: {}, finish_reason: "tool_calls" },
    ]);
    expect(chunks(frames).at(-1)).toEqual({
      id: "msg_made_by_hand",
      object: "chat.completion.chunk",
      created: 7,
      model: "claude-sonnet-4-5-20250929",
      choices: [],
      usage: {
        prompt_tokens: 82,
        completion_tokens: 91,
        total_tokens: 173,
        prompt_tokens_details: {
          cached_tokens: 40,
          cache_write_tokens: 30,
          cache_creation: { ephemeral_5m_input_tokens: 10, ephemeral_1h_input_tokens: 20 },
        },
        completion_tokens_details: { reasoning_tokens: 33 },
      },
    });
    expect(frames.endsWith("data: [DONE]\n\n")).toBe(true);
  });

  it("has no usage chunk where none was asked for", () => {
    const frames = encodeEvents(OPENAI, events, { ...context, includeUsage: false });
    expect(chunks(frames).filter(({ usage }) => usage !== undefined)).toEqual([]);
  });

  it("tells whoever asked for that chunk the gateway's facts, counted or not", () => {
    const coda = () => ({ cost_usd: null });
    const uncounted = events.filter(({ type }) => type !== "usage");
    const told = (includeUsage: boolean) =>
      chunks(encodeEvents(OPENAI, uncounted, { ...context, includeUsage, coda })).at(-1);
    expect(told(true)).toMatchObject({ choices: [], headgate: { cost_usd: null } });
    expect(told(true)).not.toHaveProperty("usage");
    expect(told(false)).not.toHaveProperty("headgate");
  });

  it("has citations by the characters of the answer that they stand for", () => {
    const cited = fixtureEvents(ANTHROPIC, "citations.sse");
    const annotations = [
      {
        type: "url_citation",
        url_citation: {
          url: "https://bees.example/dance",
          title: "Bees",
          start_index: 16,
          end_index: 26,
          content: "Bees dance.",
        },
      },
    ];
    const streamed = chunks(encodeEvents(OPENAI, cited, context)).flatMap(
      ({ choices }) => choices[0]?.delta["annotations"] ?? [],
    );
    expect(streamed).toEqual(annotations);
    expect(OPENAI.response.encode(fold(cited), context)).toMatchObject({
      choices: [{ message: { content: "It is said that bees dance.", annotations } }],
    });
  });
});

describe("an OpenAI stream for an Anthropic client", () => {
  it("has blocks, the counts and the stop reason in its last events", () => {
    const frames = encodeEvents(ANTHROPIC, fixtureEvents(OPENAI, "tools.sse"), context);
    const events = frames
      .split("\n")
      .filter((line) => line.startsWith("data: "))
      .map((line) => JSON.parse(line.slice(6)) as Record<string, unknown>);
    expect(events.map(({ type, index }) => [type, index].join(" ").trim())).toEqual([
      "message_start",
      "content_block_start 0",
      "content_block_delta 0",
      "content_block_delta 0",
      "content_block_stop 0",
      "content_block_start 1",
      "content_block_delta 1",
      "content_block_delta 1",
      "content_block_stop 1",
      "content_block_start 2",
      "content_block_delta 2",
      "content_block_stop 2",
      "message_delta",
      "message_stop",
    ]);
    expect(events.at(-2)).toEqual({
      type: "message_delta",
      delta: { stop_reason: "tool_use", stop_sequence: null },
      usage: {
        input_tokens: 58,
        cache_read_input_tokens: 0,
        output_tokens: 41,
        output_tokens_details: { thinking_tokens: 0 },
      },
    });
    expect(frames.startsWith("event: message_start\ndata: {")).toBe(true);
  });

  it("begins with the input's count where it is known by then, and with none where nobody knows it yet", () => {
    const begun = (events: readonly ChatEvent[]) => {
      const [, data = ""] = encodeEvents(ANTHROPIC, events, context).split("\n");
      const { message } = JSON.parse(data.slice(6)) as { message: { usage: unknown } };
      return message.usage;
    };
    const streamed = fixtureEvents(OPENAI, "tools.sse");
    expect(begun(streamed)).toEqual({ input_tokens: 0, output_tokens: 0 });
    expect(begun(unfold(fold(streamed)))).toEqual({
      input_tokens: 58,
      cache_read_input_tokens: 0,
      output_tokens: 0,
    });
    const early = fixtureEvents(DIALECTS.gemini, "stream.sse");
    expect(begun(early)).toEqual({ input_tokens: 100, output_tokens: 0 });
  });
});

describe("what no caller may see of an answer", () => {
  const error: ChatEvent = { type: "error", body: { error: { message: "host db-7 is down" } } };
  it.each([OPENAI, ANTHROPIC])("is an upstream's error: $name writes nothing for it", (dialect) => {
    expect(encodeEvents(dialect, [error], context)).toBe("");
  });

  it.each([OPENAI, ANTHROPIC])(
    "are fields of another dialect: $name leaves them out",
    (dialect) => {
      const response = { ...answer({}), extra: { foreign: 1 } };
      expect(JSON.stringify(dialect.response.encode(response, context))).not.toContain("foreign");
    },
  );
});

describe("an answer without an id or a time", () => {
  it("gets the request's", () => {
    const response = { ...answer({}), id: "" };
    expect(OPENAI.response.encode(response, context)).toMatchObject({ id: "r", created: 7 });
    expect(ANTHROPIC.response.encode(response, context)).toMatchObject({ id: "r" });
  });
});
