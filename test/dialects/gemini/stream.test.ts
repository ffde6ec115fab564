import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createFramer, decodeFrame } from "../../../src/base/sse.ts";
import { fold } from "../../../src/dialects/fold.ts";
import { gemini } from "../../../src/dialects/gemini/dialect.ts";
import type { ChatEvent } from "../../../src/domain/event.ts";

const fixture = (name: string) => readFileSync(`test/fixtures/gemini/${name}`);

const eventsOf = (bytes: Uint8Array): ChatEvent[] => {
  const decoder = gemini.stream.decoder();
  const events = createFramer()
    .push(bytes)
    .flatMap((frame) => {
      const event = decodeFrame(frame);
      const result = event && decoder.decode(event);
      return result?.ok ? [...result.value] : [];
    });
  return [...events, ...decoder.finish()];
};
const data = (...chunks: object[]) =>
  new TextEncoder().encode(
    chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\r\n\r\n`).join(""),
  );
const part = (wire: object, more: object = {}) => ({
  candidates: [{ content: { parts: [wire], role: "model" }, ...more }],
});

describe("a Gemini stream", () => {
  it("adds up to the whole answer", () => {
    const whole = gemini.response.decode(JSON.parse(fixture("whole.json").toString()));
    expect(whole).toEqual({ ok: true, value: fold(eventsOf(fixture("stream.sse"))) });
  });

  it("is told event by event, with thoughts of one block counted as one", () => {
    const types = eventsOf(fixture("stream.sse")).map((event) =>
      event.type === "thinking" ? `thinking ${event.block}` : event.type,
    );
    expect(types).toEqual([
      ...["usage", "start", "thinking 0", "usage", "thinking 0", "text", "text"],
      ...["usage", "tool_call", "tool_arguments", "tool_call", "tool_arguments", "finish", "end"],
    ]);
  });

  it("may bring a tool call's arguments in pieces, which become one text", () => {
    const [choice] = fold(eventsOf(fixture("partial-arguments.sse"))).choices;
    expect(choice?.finish_reason).toBe("tool_calls");
    expect(choice?.content[0]).toMatchObject({
      type: "tool_call",
      name: "weather",
      signature: "c2ln",
      arguments: '{"city":"San Marino","days":[{"n":3}],"wind":true,"unit":null}',
    });
  });

  // A path set the length of a list to four billion, or went down until the arguments could not be written.
  it.each([
    ["a list's length", "$.list.length"],
    ["an item far out", "$.list[10000]"],
    ["five thousand levels", `$${".a".repeat(5_000)}`],
    ["a field of a number", "$.long.a"],
  ])("leaves out a piece of an argument whose path is %s", (_, jsonPath) => {
    const first = { jsonPath: "$.list[0]", stringValue: "x" };
    const odd = { jsonPath, numberValue: 4_294_967_295 };
    const call = { name: "f", partialArgs: [first, { jsonPath: "$.long", numberValue: 7 }, odd] };
    const bytes = data(part({ functionCall: call }, { finishReason: "STOP" }));
    const long = new TextDecoder().decode(bytes).replace(":7}", ":12345678901234567891}");
    expect(eventsOf(new TextEncoder().encode(long))).toContainEqual(
      expect.objectContaining({ text: '{"list":["x"],"long":12345678901234567891}' }),
    );
  });

  it("cannot reach a prototype through the path of an argument", () => {
    const piece = { jsonPath: "$.__proto__.polluted", stringValue: "x" };
    const events = eventsOf(
      data(part({ functionCall: { name: "f", partialArgs: [piece] } }, { finishReason: "STOP" })),
    );
    expect(events).toContainEqual({
      type: "tool_arguments",
      choice: 0,
      call: 0,
      text: '{"__proto__":{"polluted":"x"}}',
    });
    expect("polluted" in {}).toBe(false);
  });

  it.each([
    ["before any finish reason", [part({ text: "a" })]],
    [
      "with one of two candidates unfinished",
      [part({ text: "a" }, { finishReason: "STOP" }), part({ text: "b" }, { index: 1 })],
    ],
    ["empty", []],
  ])("that stops %s has no end", (_, chunks) => {
    expect(eventsOf(data(...chunks)).map((event) => event.type)).not.toContain("end");
  });

  it("whose prompt was blocked ends filtered", () => {
    const events = eventsOf(data({ promptFeedback: { blockReason: "PROHIBITED_CONTENT" } }));
    expect(events).toContainEqual({ type: "finish", choice: 0, reason: "content_filter" });
    expect(events.at(-1)).toEqual({ type: "end" });
  });

  it("tells one finish reason although old models repeat it in every chunk", () => {
    const chunk = part({ text: "a" }, { finishReason: "STOP" });
    const finishes = eventsOf(data(chunk, chunk)).filter((event) => event.type === "finish");
    expect(finishes).toHaveLength(1);
  });

  it("tells an error inside it, with nothing after", () => {
    const body = { error: { code: 503, message: "overloaded", status: "UNAVAILABLE" } };
    expect(eventsOf(data(body))).toEqual([{ type: "error", body }]);
  });

  it.each([["{"], ['"text"'], ["[1]"], [""]])("marks %j as malformed and goes on", (text) => {
    const decoder = gemini.stream.decoder();
    expect(decoder.decode({ event: "", data: text })).toEqual({ ok: false, error: "malformed" });
    const next = decoder.decode({ event: "", data: JSON.stringify(part({ text: "a" })) });
    expect(next.ok && next.value.map((event) => event.type)).toEqual(["start", "text"]);
  });
});

describe("a stream written for a Gemini client", () => {
  const write = (events: readonly ChatEvent[], coda?: () => object) => {
    const context = { requestId: "req_1", created: 0, includeUsage: true };
    const encoder = gemini.stream.encoder(
      coda ? { ...context, coda: () => ({ ...coda() }) } : context,
    );
    return events.map((event) => encoder.encode(event)).join("");
  };

  it("sends a tool call whole, once its arguments are there", () => {
    const written = write([
      { type: "start", id: "x", model: "m" },
      { type: "tool_call", choice: 0, call: 0, id: "c1", name: "f", signature: "s" },
      { type: "tool_arguments", choice: 0, call: 0, text: '{"a"' },
      { type: "tool_arguments", choice: 0, call: 0, text: ":1}" },
      { type: "finish", choice: 0, reason: "tool_calls" },
      { type: "usage", usage: { input_tokens: 1, output_tokens: 2 } },
      { type: "end" },
    ]);
    const chunks = written.split("\r\n\r\n").filter((line) => line !== "");
    expect(chunks.map((line) => JSON.parse(line.slice(6)))).toEqual([
      {
        candidates: [
          {
            content: {
              parts: [
                { functionCall: { id: "c1", name: "f", args: { a: 1 } }, thoughtSignature: "s" },
              ],
              role: "model",
            },
            index: 0,
          },
        ],
        modelVersion: "m",
        responseId: "x",
      },
      {
        candidates: [{ content: { parts: [], role: "model" }, finishReason: "STOP", index: 0 }],
        usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 2, totalTokenCount: 3 },
        modelVersion: "m",
        responseId: "x",
      },
    ]);
  });

  it("carries what the gateway adds in its last chunk, and not an upstream's error", () => {
    const start: ChatEvent = { type: "start", id: "x", model: "m" };
    expect(write([start, { type: "end" }], () => ({ attempts: 2 }))).toContain(
      '"headgate":{"attempts":2}',
    );
    expect(write([start, { type: "error", body: { error: { message: "secret" } } }])).toBe("");
  });
});
