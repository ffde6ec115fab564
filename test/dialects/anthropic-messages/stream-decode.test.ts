import { describe, expect, it } from "vitest";
import { anthropicMessages } from "../../../src/dialects/anthropic-messages/dialect.ts";
import { fold } from "../../../src/dialects/fold.ts";
import { fixtureEvents } from "../recorded-by-hand.ts";

const format = "anthropic-claude-v1";
const one = (data: unknown, event = "") =>
  anthropicMessages.stream.decoder().decode({ event, data: JSON.stringify(data) });

describe("a stream of an Anthropic-speaking server", () => {
  it("keeps thoughts with their signatures, calls and the lifetimes of cache writes", () => {
    const answer = fold(fixtureEvents(anthropicMessages, "thinking-tool.sse"));
    expect(answer.choices[0]).toEqual({
      index: 0,
      content: [
        { type: "thinking", text: "The user wants the weather.", signature: "EqQBsig", format },
        { type: "thinking", text: "", redacted: "EmwKsealed", format },
        { type: "text", text: "I look." },
        { type: "tool_call", id: "toolu_1", name: "weather", arguments: '{"city": "Oslo"}' },
        { type: "tool_call", id: "toolu_2", name: "now", arguments: "{}" },
      ],
      finish_reason: "tool_calls",
    });
    expect(answer.usage).toEqual({
      input_tokens: 12,
      cache_read_tokens: 40,
      cache_write_5m_tokens: 10,
      cache_write_1h_tokens: 20,
      output_tokens: 91,
      reasoning_tokens: 33,
    });
  });

  it("keeps text blocks apart, their citations with them, and server tools as they are", () => {
    const answer = fold(fixtureEvents(anthropicMessages, "citations.sse"));
    const citation = {
      type: "web_search_result_location",
      cited_text: "Bees dance.",
      url: "https://bees.example/dance",
      title: "Bees",
      encrypted_index: "Eo8",
    };
    expect(answer.choices[0]?.content).toEqual([
      {
        type: "opaque",
        dialect: "anthropic-messages",
        raw: {
          type: "server_tool_use",
          id: "srvtoolu_1",
          name: "web_search",
          input: { query: "x" },
        },
      },
      { type: "text", text: "It is said that " },
      {
        type: "text",
        text: "bees dance",
        citations: [
          {
            url: "https://bees.example/dance",
            title: "Bees",
            quote: "Bees dance.",
            raw: citation,
          },
        ],
      },
      { type: "text", text: "." },
    ]);
  });

  // Ids of that length were rounded where a server gives the input at once, or where a block is passed on whole.
  it("keeps every digit of a long number in an input", () => {
    const block = (type: string, input: string) =>
      `{"type":"content_block_start","index":0,"content_block":{"type":"${type}","id":"t","name":"get","input":${input}}}`;
    const input = '{"id":12345678901234567891}';
    const delta = JSON.stringify({
      type: "content_block_delta",
      index: 0,
      delta: { type: "input_json_delta", partial_json: input },
    });
    const stop = '{"type":"content_block_stop","index":0}';
    const contentOf = (...data: string[]) => {
      const decoder = anthropicMessages.stream.decoder();
      const events = data.flatMap((each) => {
        const decoded = decoder.decode({ event: "", data: each });
        return decoded.ok ? decoded.value : [];
      });
      return JSON.stringify(fold(events).choices[0]?.content);
    };
    expect(contentOf(block("tool_use", input), stop)).toContain('{\\"id\\":12345678901234567891}');
    expect(contentOf(block("server_tool_use", "{}"), delta, stop)).toContain(input);
  });

  it("passes over pings and events of tomorrow", () => {
    expect(one({ type: "ping" })).toEqual({ ok: true, value: [] });
    expect(one({ type: "message_mood", mood: "good" })).toEqual({ ok: true, value: [] });
  });

  it("reports an error event with its body", () => {
    const body = { type: "error", error: { type: "overloaded_error", message: "Overloaded" } };
    expect(one(body, "error")).toEqual({ ok: true, value: [{ type: "error", body }] });
  });

  it("tells a malformed event", () => {
    const decoded = anthropicMessages.stream.decoder().decode({ event: "ping", data: "{" });
    expect(decoded).toEqual({ ok: false, error: "malformed" });
  });
});
