import { describe, expect, it } from "vitest";
import { demo } from "../../src/providers/demo/provider.ts";
import { sample } from "../../src/providers/demo/sample.ts";

const ask = (body: Record<string, unknown>): string =>
  demo.local?.(
    "chat",
    JSON.stringify({ messages: [{ role: "user", content: "hello there" }], ...body }),
  ).text ?? "";
const choice = (body: Record<string, unknown>) => JSON.parse(ask(body)).choices[0];
const tool = {
  type: "function",
  function: {
    name: "weather",
    parameters: {
      type: "object",
      properties: { city: { type: "string" }, days: { type: "integer" } },
    },
  },
};

describe("the demo model", () => {
  it("gives the same bytes for the same request", () => {
    expect(ask({})).toBe(ask({}));
  });

  it("repeats what it was told", () => {
    expect(choice({})).toMatchObject({
      finish_reason: "stop",
      message: { role: "assistant", content: expect.stringContaining("hello there") },
    });
  });

  it("says the same streamed as whole, with usage when it is asked for", () => {
    const text = ask({ stream: true, stream_options: { include_usage: true } });
    const chunks = text.split("\n\n").filter((frame) => frame.startsWith("data: {"));
    const deltas = chunks.map((frame) => JSON.parse(frame.slice(6)));
    const spoken = deltas.map((each) => each.choices[0]?.delta.content ?? "").join("");
    expect(spoken).toBe(choice({}).message.content);
    expect(deltas.at(-1).usage.total_tokens).toBeGreaterThan(0);
    expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
  });

  it("stops at the output cap and at a stop sequence", () => {
    expect(choice({ max_tokens: 2 })).toMatchObject({
      finish_reason: "length",
      message: { content: "This is" },
    });
    expect(choice({ stop: [" model"] }).message.content).toBe("This is Headgate's demo");
  });

  it("calls a tool with arguments that fit its schema, and tells what the tool answered", () => {
    const called = choice({ tools: [tool] });
    expect(called.finish_reason).toBe("tool_calls");
    expect(JSON.parse(called.message.tool_calls[0].function.arguments)).toEqual({
      city: "demo",
      days: 1,
    });
    const messages = [{ role: "tool", tool_call_id: "x", content: "sunny" }];
    expect(choice({ tools: [tool], messages }).message.content).toContain("sunny");
  });

  it("calls no tool when the caller says so", () => {
    expect(choice({ tools: [tool], tool_choice: "none" }).finish_reason).toBe("stop");
  });

  it("fills a schema that refers to itself without going down for ever", () => {
    const schema = {
      $ref: "#/$defs/node",
      $defs: { node: { type: "object", properties: { next: { $ref: "#/$defs/node" } } } },
    };
    expect(JSON.stringify(sample(schema))).toContain("next");
  });

  // A caller chooses the schema: five references to itself were 5^8 values (and sixteen as many as end an
  // isolate), a length of a billion was a text of a gigabyte.
  it.each([
    { type: "array", minItems: 5, items: { $ref: "#" } },
    { type: "string", minLength: 50_000_000 },
    { type: "array", minItems: -1, items: {} },
  ])("answers a schema of bounded size with a value of bounded size: %j", (schema) => {
    expect(JSON.stringify(sample(schema)).length).toBeLessThan(100_000);
  });

  it("gives unit vectors of the length asked for, as numbers or as base64", () => {
    const embed = (more: object) =>
      JSON.parse(demo.local?.("embeddings", JSON.stringify({ input: "a b", ...more })).text ?? "")
        .data[0];
    const { embedding } = embed({ dimensions: 8 });
    expect(embedding).toHaveLength(8);
    expect(Math.hypot(...embedding)).toBeCloseTo(1);
    expect(Buffer.from(embed({ encoding_format: "base64" }).embedding, "base64")).toHaveLength(256);
  });

  // Eight megabytes of short inputs, times the length asked for, were an answer that no isolate can hold.
  it.each([
    [{ input: Array.from({ length: 2_049 }, () => "a") }, "input"],
    [{ input: Array.from({ length: 100 }, () => "a"), dimensions: 4_096 }, "dimensions"],
  ])("refuses what would come to more numbers than it gives at once", (body, param) => {
    const answer = demo.local?.("embeddings", JSON.stringify(body));
    expect(answer?.status).toBe(400);
    expect(JSON.parse(answer?.text ?? "").error).toMatchObject({ param });
  });
});
