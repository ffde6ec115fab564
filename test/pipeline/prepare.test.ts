import { describe, expect, it } from "vitest";
import { readJson } from "../../src/base/json-body.ts";
import { chat } from "../../src/pipeline/chat.ts";
import { askFor, createStage, textOf } from "../support/pipeline.ts";

const messages = [{ role: "user", content: "hi" }];
const play = async (kind: string, answer: unknown, body: Record<string, unknown>) => {
  const stage = createStage(
    {
      providers: { up: { kind, base_url: "https://up.example", api_key: { secret: "KEY" } } },
      models: { m: { provider: "up", upstream: "up-1" } },
    },
    () => ({ body: JSON.stringify(answer) }),
    { KEY: "k" },
  );
  const reply = await chat(stage.deps, askFor(stage, { model: "m", messages, ...body }));
  const text = reply.ok ? await textOf(reply.body) : "";
  return {
    sent: JSON.parse(String(stage.sent[0]?.body)) as Record<string, unknown>,
    answer: JSON.parse(text) as Record<string, unknown>,
    stage,
  };
};

const whole = { choices: [{ index: 0, message: { role: "assistant", content: "x" } }] };

describe("the output cap", () => {
  // Ollama ignores the newer name, and then writes until the context is full.
  it.each(["ollama", "mistral", "deepseek", "together"])(
    "goes to %s by its older name",
    async (kind) => {
      const { sent } = await play(kind, whole, { max_completion_tokens: 7 });
      expect(sent).toMatchObject({ max_tokens: 7 });
      expect(sent).not.toHaveProperty("max_completion_tokens");
    },
  );

  it.each(["openai", "vllm", "groq", "xai", "openrouter"])(
    "goes to %s by the name that the caller used",
    async (kind) => {
      expect((await play(kind, whole, { max_completion_tokens: 7 })).sent).toMatchObject({
        max_completion_tokens: 7,
      });
      expect((await play(kind, whole, { max_tokens: 7 })).sent).toMatchObject({ max_tokens: 7 });
    },
  );
});

describe("a translated answer", () => {
  it("names the model that was asked where the provider names none", async () => {
    const blocked = { promptFeedback: { blockReason: "SAFETY" } };
    const { answer, stage } = await play("gemini", blocked, {});
    expect(answer).toMatchObject({ model: "up-1", choices: [{ finish_reason: "content_filter" }] });
    expect(stage.records[0]?.status).toBe(200);
  });
});

// The rest of the body stays as it came; what is written anew loses no digit of an id.
it("takes another model's marks out of what goes to Claude, and says so", async () => {
  const stage = createStage(
    {
      providers: {
        up: { kind: "anthropic", base_url: "https://up.example", api_key: { secret: "KEY" } },
      },
      models: { m: { provider: "up", upstream: "claude-sonnet-4-5" } },
    },
    () => ({ body: JSON.stringify({ type: "message", role: "assistant", content: [] }) }),
    { KEY: "k" },
  );
  const turn = (mark: string) =>
    `{"role":"assistant","content":[{"type":"tool_use","id":"call_1","name":"f","input":{"id":12345678901234567890}${mark}}]}`;
  const body = (mark: string, model: string) =>
    `{"model":"${model}", "max_tokens":9, "new": [ 1 ],"messages":[${turn(mark)}]}`;
  const json = readJson(body(',"signature":"g"', "m"));
  if (!json.ok) throw new Error(json.error.kind);
  const ask = { ...askFor(stage, {}, { dialect: "anthropic-messages", endpoint: "messages" }) };
  const reply = await chat(stage.deps, { ...ask, body: json.value });
  expect(String(stage.sent[0]?.body)).toBe(body("", "claude-sonnet-4-5"));
  expect(reply.headers["x-headgate-dropped"]).toBe("messages[].content[].signature");
});

// "Unknown parameter: 'messages[1].reasoning_content'": Claude's turn, kept whole by the caller and sent on to OpenAI.
describe("thoughts and signatures of other models", () => {
  const thoughts = { reasoning_content: "Hm.", reasoning_details: [{ type: "reasoning.text" }] };
  const call = { id: "c", type: "function", function: { name: "f", arguments: "{}" } };
  const signed = { ...call, extra_content: { google: { thought_signature: "g" } } };
  const turn = { role: "assistant", content: null, refusal: null, tool_calls: [call] };
  const marked = { ...turn, ...thoughts, tool_calls: [signed] };
  const conversation = (said: object) => [
    ...messages,
    said,
    { role: "tool", tool_call_id: "c", content: "1" },
  ];

  it.each([
    ["do not go to OpenAI itself", "openai", undefined, turn],
    ["do not go to Mistral itself", "mistral", "https://api.mistral.ai/v1", turn],
    ["go to a server of one's own", "openai", "https://own.example/v1", marked],
    ["go to whoever may have written them", "openrouter", undefined, marked],
  ])("%s", async (_fact, kind, base_url, sent) => {
    const stage = createStage(
      {
        providers: { up: { kind, api_key: { secret: "KEY" }, ...(base_url && { base_url }) } },
        models: { m: { provider: "up", upstream: "up-1" } },
      },
      () => ({ body: JSON.stringify(whole) }),
      { KEY: "k" },
    );
    const body = { model: "m", messages: conversation(marked) };
    const reply = await chat(stage.deps, askFor(stage, body));
    const { messages: got } = JSON.parse(String(stage.sent[0]?.body)) as Record<string, unknown>;
    expect(got).toEqual(conversation(sent));
    expect(reply.headers["x-headgate-dropped"]).toBe(
      sent === marked
        ? undefined
        : "messages[].reasoning_content, messages[].reasoning_details, messages[].tool_calls[].extra_content",
    );
  });
});
