/**
 * Ids beyond 2^53 are common in the arguments of tools. A translated answer once had them rounded, so that
 * the tool was called for another id than the model had written.
 */
import { describe, expect, it } from "vitest";
import { chat } from "../../src/pipeline/chat.ts";
import { askFor, createStage, textOf } from "../support/pipeline.ts";

const ID = "12345678901234567891";
const api_key = { secret: "KEY" };
const config = {
  providers: {
    anthropic: { kind: "anthropic", base_url: "https://a.example", api_key },
    gemini: { kind: "gemini", base_url: "https://g.example", api_key },
    openai: { kind: "openai", base_url: "https://o.example/v1" },
  },
  models: {
    anthropic: { provider: "anthropic" },
    gemini: { provider: "gemini" },
    openai: { provider: "openai" },
  },
};
const ANSWERS = {
  anthropic: `{"id":"m","type":"message","role":"assistant","model":"c","content":[{"type":"tool_use","id":"t1","name":"get","input":{"id":${ID}}}],"stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}}`,
  gemini: `{"candidates":[{"content":{"role":"model","parts":[{"functionCall":{"name":"get","args":{"id":${ID}}}}]},"finishReason":"STOP"}],"modelVersion":"g"}`,
  openai: `{"id":"c","object":"chat.completion","created":1,"model":"o","choices":[{"index":0,"message":{"role":"assistant","content":"ok"},"finish_reason":"stop"}]}`,
};
type Name = keyof typeof ANSWERS;

const messages = [{ role: "user", content: "hi" }];
const called = { id: "t1", type: "function", function: { name: "get", arguments: `{"id":${ID}}` } };
const parameters = { type: "object", properties: { id: { type: "integer", maximum: "MAX" } } };
const tools = [{ type: "function", function: { name: "get", parameters } }];

const run = async (
  model: Name,
  body: Record<string, unknown>,
  dialect: "openai-chat" | "anthropic-messages",
) => {
  const stage = createStage(config, () => ({ body: ANSWERS[model] }), { KEY: "k" });
  const whole = JSON.stringify({ model, messages, ...body }).replaceAll('"MAX"', ID);
  const endpoint = dialect === "openai-chat" ? "chat" : "messages";
  const reply = await chat(stage.deps, askFor(stage, whole, { dialect, endpoint }));
  return { sent: String(stage.sent[0]?.body), text: reply.ok ? await textOf(reply.body) : "" };
};

describe("a number that JavaScript cannot hold", () => {
  it.each(["anthropic", "gemini"] as const)(
    "comes from %s to OpenAI's callers as it was",
    async (model) => {
      const { text } = await run(model, {}, "openai-chat");
      const { choices } = JSON.parse(text) as {
        choices: { message: { tool_calls: { function: { arguments: string } }[] } }[];
      };
      expect(choices[0]?.message.tool_calls[0]?.function.arguments).toBe(`{"id":${ID}}`);
    },
  );

  it.each(["anthropic", "gemini"] as const)(
    "goes to %s as it was, in a call and in a schema",
    async (model) => {
      const answer = { role: "tool", tool_call_id: "t1", content: "found" };
      const history = [
        ...messages,
        { role: "assistant", content: null, tool_calls: [called] },
        answer,
      ];
      const { sent } = await run(model, { messages: history, tools }, "openai-chat");
      expect(sent.split(`:${ID}`)).toHaveLength(3);
    },
  );

  it("comes from Anthropic's callers to OpenAI as it was", async () => {
    const call = { type: "tool_use", id: "t1", name: "get", input: { id: "MAX" } };
    const result = { type: "tool_result", tool_use_id: "t1", content: "found" };
    const history = [
      ...messages,
      { role: "assistant", content: [call] },
      { role: "user", content: [result] },
    ];
    const { sent } = await run(
      "openai",
      { max_tokens: 5, messages: history },
      "anthropic-messages",
    );
    expect(sent).toContain(JSON.stringify(`{"id":${ID}}`));
  });
});
