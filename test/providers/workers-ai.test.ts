import { describe, expect, it } from "vitest";
import { fold } from "../../src/dialects/fold.ts";
import { wholeAnswer, workersAi } from "../../src/providers/workers-ai.ts";
import { workersAiEmbeddings } from "../../src/providers/workers-ai-embeddings.ts";

const said = (...data: string[]) => {
  const decoder = workersAi.accent?.stream.decoder();
  const events = data.flatMap((each) => {
    const decoded = decoder?.decode({ event: "", data: each });
    return decoded?.ok ? decoded.value : [];
  });
  return fold([...events, ...(decoder?.finish() ?? [])]);
};

describe("an older model's stream", () => {
  it("becomes text, usage and a finish", () => {
    const answer = said(
      '{"response":"Hel","p":"abc"}',
      '{"response":"lo"}',
      '{"response":"","usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}',
      "[DONE]",
    );
    expect(answer.choices[0]).toMatchObject({
      content: [{ type: "text", text: "Hello" }],
      finish_reason: "stop",
    });
    expect(answer.usage).toMatchObject({ input_tokens: 3, output_tokens: 2 });
  });

  it("becomes tool calls", () => {
    const answer = said(
      '{"tool_calls":[{"name":"weather","arguments":{"city":"Bern"}}]}',
      '{"finish_reason":"tool_calls"}',
      "[DONE]",
    );
    expect(answer.choices[0]).toMatchObject({
      content: [{ type: "tool_call", name: "weather", arguments: '{"city":"Bern"}' }],
      finish_reason: "tool_calls",
    });
  });
});

// Its older models tell no finish reason: a stream of calls ended with "stop", and agents took it for the last word.
it("a call in a stream without a finish reason is what it ends with", () => {
  const answer = said('{"tool_calls":[{"name":"weather","arguments":{}}]}', "[DONE]");
  expect(answer.choices[0]?.finish_reason).toBe("tool_calls");
});

// Each event numbered its calls from 0: the second call's arguments were written behind the first one's.
it("calls that come one by one stay apart", () => {
  const call = (city: string) =>
    `{"tool_calls":[{"name":"weather","arguments":{"city":"${city}"}}]}`;
  expect(said(call("Bern"), call("Oslo"), "[DONE]").choices[0]?.content).toEqual([
    { type: "tool_call", id: "call_0", name: "weather", arguments: '{"city":"Bern"}' },
    { type: "tool_call", id: "call_1", name: "weather", arguments: '{"city":"Oslo"}' },
  ]);
});

it("a long number in a call keeps its digits", () => {
  const call = '{"tool_calls":[{"name":"get","arguments":{"id":12345678901234567891}}]}';
  expect(said(call, "[DONE]").choices[0]?.content).toMatchObject([
    { arguments: '{"id":12345678901234567891}' },
  ]);
});

describe("a whole answer", () => {
  it("of an older model becomes OpenAI's form", () => {
    const body = {
      response: "Hi",
      usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
    };
    expect(wholeAnswer(body)).toMatchObject({
      choices: [{ message: { content: "Hi" }, finish_reason: "stop" }],
      usage: { total_tokens: 2 },
    });
  });

  it("of a newer model stays as it is", () => {
    const body = { choices: [{ message: { content: "Hi" } }] };
    expect(wholeAnswer(body)).toBe(body);
  });
});

describe("an embeddings request", () => {
  it.each([
    [{ dimensions: 8 }, "dimensions"],
    [{ input: [1, 2] }, "input"],
    [{ novelty: 1 }, "novelty"],
  ])("with %j is refused: nothing is left out in silence", (more, param) => {
    const encoded = workersAiEmbeddings.encode({ input: "x", ...more }, "@cf/baai/bge");
    expect(encoded).toMatchObject({ ok: false, error: { code: "unsupported_parameter", param } });
  });

  it.each([
    [{ encoding_format: "hex" }, "encoding_format"],
    [{ input: ["a", ""] }, "input"],
  ])("with %j is wrong", (more, param) => {
    const encoded = workersAiEmbeddings.encode({ input: "x", ...more }, "@cf/baai/bge");
    expect(encoded).toMatchObject({ ok: false, error: { code: "invalid_parameter", param } });
  });

  it("carries the texts, and the gateway's own fields stay behind", () => {
    const body = { model: "m", input: "x", user: "u", headgate: {}, dimensions: null };
    expect(workersAiEmbeddings.encode(body, "@cf/baai/bge")).toEqual({
      ok: true,
      value: { model: "@cf/baai/bge", text: ["x"] },
    });
  });
});

describe("its embeddings", () => {
  it("become OpenAI's list, as numbers or as base64", () => {
    const answer = { shape: [1, 2], data: [[0.5, -1]] };
    const shown = (more: object) =>
      workersAiEmbeddings.decode(answer, { model: "m", input: "a", ...more });
    const data = (embedding: unknown) => [{ object: "embedding", index: 0, embedding }];
    expect(shown({})).toEqual({
      ok: true,
      value: { object: "list", data: data([0.5, -1]), model: "m" },
    });
    expect(shown({ encoding_format: "base64" })).toMatchObject({
      value: { data: data("AAAAPwAAgL8=") },
    });
  });

  // One vector for two inputs was handed on as a whole answer.
  it.each([[{ data: [[1]] }], [{ data: [[1], ["2"]] }], [{ data: [[1], []] }], [{}], [null]])(
    "are not %j for two inputs",
    (answer) => {
      const decoded = workersAiEmbeddings.decode(answer, { input: ["a", "b"] });
      expect(decoded).toEqual({ ok: false, error: "invalid" });
    },
  );
});
