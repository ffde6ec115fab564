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
