import { describe, expect, it } from "vitest";
import { fold } from "../../../src/dialects/fold.ts";
import { openaiChat } from "../../../src/dialects/openai-chat/dialect.ts";
import type { ChatEvent } from "../../../src/domain/event.ts";
import { fixtureEvents } from "../recorded-by-hand.ts";

const eventsOf = (...chunks: unknown[]): ChatEvent[] => {
  const decoder = openaiChat.stream.decoder();
  return chunks.flatMap((chunk) => {
    const data = typeof chunk === "string" ? chunk : JSON.stringify(chunk);
    const decoded = decoder.decode({ event: "", data });
    if (!decoded.ok) throw new Error("malformed");
    return decoded.value;
  });
};

const chunk = (delta: object, more: object = {}) => ({
  id: "chatcmpl-1",
  object: "chat.completion.chunk",
  created: 1,
  model: "m",
  choices: [{ index: 0, delta, finish_reason: null, ...more }],
});
const calling = (call: object) => chunk({ tool_calls: [call] });

const contentOf = (...chunks: unknown[]) => fold(eventsOf(...chunks)).choices[0]?.content;

describe("a stream of an OpenAI-speaking server", () => {
  it("is read from role chunk to [DONE]", () => {
    const events = fixtureEvents(openaiChat, "tools.sse");
    expect(events.at(-1)).toEqual({ type: "end" });
    expect(fold(events)).toEqual({
      id: "chatcmpl-made-by-hand",
      model: "gpt-4.1-mini-2025-04-14",
      created: 1760000000,
      choices: [
        {
          index: 0,
          content: [
            { type: "text", text: "Let me look." },
            { type: "tool_call", id: "call_a", name: "weather", arguments: '{"city":"Oslo"}' },
            { type: "tool_call", id: "call_b", name: "weather", arguments: '{"city":"Rome"}' },
          ],
          finish_reason: "tool_calls",
        },
      ],
      usage: {
        input_tokens: 58,
        cache_read_tokens: 0,
        output_tokens: 41,
        reasoning_tokens: 0,
      },
      extra: { service_tier: "default", system_fingerprint: "fp_1" },
    });
  });

  // Some servers send the arguments as an object; ids of that length were rounded on the way.
  it("keeps every digit of a long number in arguments that come as an object", () => {
    const call =
      '{"index":0,"id":"a","function":{"name":"get","arguments":{"id":12345678901234567891}}}';
    const line = `{"id":"1","choices":[{"index":0,"delta":{"tool_calls":[${call}]}}]}`;
    expect(contentOf(line)).toMatchObject([{ arguments: '{"id":12345678901234567891}' }]);
  });

  // Every chunk with an id began a call of its own where the server counts none.
  it("takes an id that comes again without an index for the same call", () => {
    const piece = (id: string, text: string) =>
      calling({ id, function: { name: "get", arguments: text } });
    const chunks = [piece("a", '{"x":'), piece("a", "1}"), piece("b", "{}"), piece("a", " ")];
    expect(contentOf(...chunks)).toMatchObject([
      { id: "a", arguments: '{"x":1} ' },
      { id: "b", arguments: "{}" },
    ]);
  });

  it("begins with the first chunk that has an id, not with Azure's filter results", () => {
    const filter = {
      id: "",
      object: "",
      created: 0,
      model: "",
      choices: [],
      prompt_filter_results: [],
    };
    const [start, text] = eventsOf(
      filter,
      chunk({ role: "assistant", content: "" }),
      chunk({ content: "a" }),
    );
    expect(start).toMatchObject({ type: "start", id: "chatcmpl-1", model: "m" });
    expect(text).toEqual({ type: "text", choice: 0, text: "a" });
  });

  it("may lack the role, and may have null for content", () => {
    expect(contentOf(chunk({ content: null }), chunk({ content: "a" }))).toEqual([
      { type: "text", text: "a" },
    ]);
  });

  it("may report usage on the last content chunk, on every chunk, or alone without choices", () => {
    const usage = { prompt_tokens: 3, completion_tokens: 2 };
    const expected = { type: "usage", usage: { input_tokens: 3, output_tokens: 2 } };
    expect(eventsOf({ ...chunk({ content: "a" }), usage })).toContainEqual(expected);
    expect(eventsOf(chunk({ content: "a" }), { id: "chatcmpl-1", usage }).at(-1)).toEqual(expected);
    expect(fold(eventsOf({ ...chunk({}), usage: null }, { ...chunk({}), usage })).usage).toEqual(
      expected.usage,
    );
  });

  it.each([
    [
      "goes on by index",
      [
        { index: 0, id: "a", function: { name: "f", arguments: "" } },
        { index: 0, function: { arguments: '{"x"' } },
        { index: 0, function: { arguments: ":1}" } },
      ],
    ],
    [
      "goes on without index and id",
      [{ id: "a", function: { name: "f", arguments: '{"x"' } }, { function: { arguments: ":1}" } }],
    ],
    [
      "comes whole, with an object for arguments",
      [{ index: 0, id: "a", function: { name: "f", arguments: { x: 1 } } }],
    ],
    [
      "repeats its id and name",
      [
        { index: 0, id: "a", function: { name: "f", arguments: '{"x"' } },
        { index: 0, id: "a", function: { name: "f", arguments: ":1}" } },
      ],
    ],
  ])("has a tool call that %s", (_how, calls) => {
    expect(contentOf(...calls.map(calling))).toEqual([
      { type: "tool_call", id: "a", name: "f", arguments: '{"x":1}' },
    ]);
  });

  it("has two calls where two ids share an index", () => {
    const content = contentOf(
      calling({ index: 0, id: "a", function: { name: "f", arguments: "{}" } }),
      calling({ index: 0, id: "b", function: { name: "f", arguments: "{}" } }),
    );
    expect(content?.map((part) => (part.type === "tool_call" ? part.id : ""))).toEqual(["a", "b"]);
  });

  it("gets an id for a call that has none", () => {
    expect(contentOf(calling({ index: 0, function: { name: "f", arguments: "{}" } }))).toEqual([
      { type: "tool_call", id: "call_chatcmpl-1_0_0", name: "f", arguments: "{}" },
    ]);
  });

  it("ends with tool_calls where the server says stop after calls", () => {
    const events = eventsOf(
      calling({ index: 0, id: "a", function: { name: "f", arguments: "{}" } }),
      chunk({}, { finish_reason: "stop" }),
    );
    expect(events.at(-1)).toEqual({ type: "finish", choice: 0, reason: "tool_calls" });
  });

  it.each([
    ["reasoning_content", { reasoning_content: "Hm." }],
    ["reasoning", { reasoning: "Hm." }],
    [
      "parts of content",
      { content: [{ type: "thinking", thinking: [{ type: "text", text: "Hm." }] }] },
    ],
  ])("thinks in %s", (_where, delta) => {
    expect(contentOf(chunk(delta), chunk({ content: "So." }))).toEqual([
      { type: "thinking", text: "Hm." },
      { type: "text", text: "So." },
    ]);
  });

  it("thinks in reasoning_details, once, with the signature that follows", () => {
    const format = "anthropic-claude-v1";
    const detail = (fields: object) => ({ type: "reasoning.text", index: 0, format, ...fields });
    const content = contentOf(
      chunk({ reasoning: "H", reasoning_details: [detail({ text: "H" })] }),
      chunk({ reasoning: "m.", reasoning_details: [detail({ text: "m." })] }),
      chunk({ content: "", reasoning_details: [detail({ signature: "sig" })] }),
      chunk({ content: "So." }),
    );
    expect(content).toEqual([
      { type: "thinking", text: "Hm.", signature: "sig", format },
      { type: "text", text: "So." },
    ]);
  });

  it("may break with an error beside its choices (OpenRouter)", () => {
    const broken = { ...chunk({}, { finish_reason: "error" }), error: { code: 502, message: "x" } };
    expect(eventsOf(broken)).toEqual([{ type: "error", body: broken }]);
  });

  it("goes on after a malformed event", () => {
    const decoder = openaiChat.stream.decoder();
    expect(decoder.decode({ event: "", data: "{half" })).toEqual({ ok: false, error: "malformed" });
    expect(decoder.decode({ event: "", data: "[DONE]" })).toEqual({
      ok: true,
      value: [{ type: "end" }],
    });
  });
});
