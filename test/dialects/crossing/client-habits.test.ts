import { describe, expect, it } from "vitest";
import { translated } from "./translated.ts";

const messages = [{ role: "user", content: "hi" }];

const to = (body: object) =>
  translated(
    "openai-chat",
    "anthropic-messages",
    { messages, ...body },
    { model: "claude-sonnet-4-5-20250929" },
  );

describe("a chat request of a client with habits of its own", () => {
  it("leaves out what a client keeps beside an answer for itself", () => {
    const own = { id: "m1", provider_specific_fields: {}, thinking_blocks: [{ thinking: "Hm." }] };
    const { body, dropped } = to({
      messages: [...messages, { role: "assistant", content: "So.", ...own }, ...messages],
    });
    expect(body["messages"]).toContainEqual({ role: "assistant", content: "So." });
    expect([...dropped].sort()).toEqual(Object.keys(own).map((name) => `messages[].${name}`));
  });

  // The second turn of every conversation of OpenAI's agents was once refused.
  it("leaves out what a client repeats of an answer beside its text", () => {
    const repeated = { role: "assistant", refusal: null, annotations: [], reasoning: "Hm." };
    const content = [{ type: "text", text: "So.", ...repeated }];
    const { body, dropped } = to({
      messages: [...messages, { role: "assistant", content }, { role: "user", content: "more" }],
    });
    expect(body["messages"]).toContainEqual({ role: "assistant", content: "So." });
    expect([...dropped].sort()).toEqual([
      "messages[].content[].annotations",
      "messages[].content[].reasoning",
      "messages[].content[].role",
    ]);
  });

  it("takes a schema beside json_object for what it is, and leaves it so in its own dialect", () => {
    const schema = { type: "object", properties: { a: { type: "string" } } };
    const response_format = { type: "json_object", schema };
    expect(to({ response_format }).body["output_config"]).toEqual({
      format: { type: "json_schema", schema },
    });
    const own = translated("openai-chat", "openai-chat", { messages, response_format });
    expect(own.body["response_format"]).toEqual(response_format);
  });
});
