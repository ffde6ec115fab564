import { describe, expect, it } from "vitest";
import { chat } from "../../src/pipeline/chat.ts";
import { settle } from "../support/clock.ts";
import {
  askFor,
  chunks,
  createStage,
  DONE,
  type Played,
  textOf,
  usageChunk,
} from "../support/pipeline.ts";

const config = {
  default_model: "fast",
  providers: { up: { kind: "openai", base_url: "https://up.example/v1" } },
  models: { fast: { provider: "up", upstream: "up-1", price: { input: 1, output: 2 } } },
};
const messages = [{ role: "user", content: "hi" }];
const stream = (...body: (string | number | "cut" | "hang")[]): Played => ({
  type: "text/event-stream",
  body,
});
const whole = {
  id: "c1",
  object: "chat.completion",
  created: 1,
  model: "up-1-dated",
  novelty: { kept: [1, 9999] },
  choices: [{ index: 0, message: { role: "assistant", content: "hello" }, finish_reason: "stop" }],
  usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
};

describe("a whole answer in the caller's dialect", () => {
  const text = JSON.stringify(whole, undefined, 1).replace(
    "12345678901234567",
    "12345678901234567890",
  );

  it("leaves byte for byte as it came", async () => {
    const stage = createStage(config, () => ({ body: text }));
    const reply = await chat(stage.deps, askFor(stage, { model: "fast", messages }));
    expect(reply.ok && (await textOf(reply.body))).toBe(text);
  });

  it("tells model, provider, attempts and cost in its headers", async () => {
    const stage = createStage(config, () => ({ body: text }));
    const reply = await chat(stage.deps, askFor(stage, { model: "fast", messages }));
    expect(reply.headers).toMatchObject({
      "x-headgate-model": "fast",
      "x-headgate-provider": "up",
      "x-headgate-route": "direct",
      "x-headgate-attempts": "1",
      "x-headgate-cache": "off",
      "x-headgate-cost-usd": "0.00002",
    });
  });

  it("is metered into the record", async () => {
    const stage = createStage(config, () => ({ body: text }));
    await chat(stage.deps, askFor(stage, { messages }));
    expect(stage.records).toMatchObject([
      {
        requested_model: "fast",
        model: "fast",
        upstream_model: "up-1-dated",
        status: 200,
        usage: { input_tokens: 10, output_tokens: 5 },
        cost_nano_usd: 20_000,
        attempts: 1,
        config_version: 1,
      },
    ]);
  });
});

describe("a request in the target's dialect", () => {
  it("keeps every field the gateway has never heard of, and sends none of its own", async () => {
    const stage = createStage(config, () => ({ body: JSON.stringify(whole) }));
    const body = {
      model: "fast",
      messages,
      headgate: { tags: { a: "b" } },
      fallback_models: ["fast"],
      use_cache: false,
      user: "u1",
      metadata: { k: "v" },
      new_field: { deep: [1, { x: null }] },
    };
    await chat(stage.deps, askFor(stage, body));
    const { headgate: _h, fallback_models: _f, use_cache: _u, ...kept } = body;
    expect(JSON.parse(String(stage.sent[0]?.body))).toEqual({ ...kept, model: "up-1" });
  });

  it("may have fields that are called like what every object has", async () => {
    const unheard = { valueOf: 1, hasOwnProperty: { toString: null } };
    const stage = createStage(config, () => ({ body: JSON.stringify(whole) }));
    await chat(stage.deps, askFor(stage, { model: "fast", messages, ...unheard }));
    expect(JSON.parse(String(stage.sent[0]?.body))).toEqual({
      ...{ model: "up-1", messages, ...unheard },
    });
  });

  it("carries only the beta headers of its own dialect", async () => {
    const stage = createStage(config, () => ({ body: JSON.stringify(whole) }));
    const forward = { "anthropic-beta": "a", "openai-beta": "o", traceparent: "t" };
    await chat(stage.deps, askFor(stage, { model: "fast", messages }, { forward }));
    expect(stage.sent[0]?.headers).toMatchObject({ "openai-beta": "o", traceparent: "t" });
    expect(stage.sent[0]?.headers).not.toHaveProperty("anthropic-beta");
  });

  it("asks for usage on every stream", async () => {
    const stage = createStage(config, () => stream(chunks({ content: "a", finish: "stop" }), DONE));
    await chat(stage.deps, askFor(stage, { model: "fast", messages, stream: true }));
    expect(JSON.parse(String(stage.sent[0]?.body))).toMatchObject({
      stream_options: { include_usage: true },
    });
  });
});

describe("a stream in the caller's dialect", () => {
  const content = chunks(
    { role: "assistant" },
    { content: "hel" },
    { content: "lo" },
    { finish: "stop" },
  );

  it("leaves without the usage chunk that the caller did not ask for", async () => {
    const stage = createStage(config, () => stream(content, usageChunk(10, 5), DONE));
    const reply = await chat(stage.deps, askFor(stage, { model: "fast", messages, stream: true }));
    expect(reply.ok && (await textOf(reply.body))).toBe(content + DONE);
    await settle();
    expect(stage.records[0]?.usage).toEqual({ input_tokens: 10, output_tokens: 5 });
  });

  it("tells the gateway's facts in the usage chunk that the caller asked for", async () => {
    const stage = createStage(config, () => stream(content, usageChunk(10, 5), DONE));
    const body = { model: "fast", messages, stream: true, stream_options: { include_usage: true } };
    const reply = await chat(stage.deps, askFor(stage, body));
    const text = reply.ok ? await textOf(reply.body) : "";
    expect(text.startsWith(content)).toBe(true);
    expect(JSON.parse(text.split("data: ").at(-2) ?? "")).toMatchObject({
      usage: { prompt_tokens: 10 },
      headgate: { model: "fast", provider: "up", cost_usd: 0.00002, cache: "off", attempts: 1 },
    });
  });

  const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };
  const last = { id: "c1", object: "chat.completion.chunk", created: 1, model: "up-1" };

  // Mistral's streams end so, and those of others that copied OpenAI's before it had a usage chunk.
  it.each([false, true])(
    "where usage stands beside the finish reason, asked for: %s",
    async (asked) => {
      const choices = [{ index: 0, delta: { content: "!" }, finish_reason: "stop" }];
      const end = `data: ${JSON.stringify({ ...last, choices, usage })}\n\n`;
      const stage = createStage(config, () => stream(chunks({ content: "a" }), end, DONE));
      const stream_options = { include_usage: asked };
      const body = { model: "fast", messages, stream: true, stream_options };
      const reply = await chat(stage.deps, askFor(stage, body));
      const text = reply.ok ? await textOf(reply.body) : "";
      expect(text.startsWith(chunks({ content: "a" }) + end)).toBe(true);
      expect(text.endsWith(DONE)).toBe(true);
      const [chunk] = text.slice(chunks({ content: "a" }).length + end.length).split("\n\n");
      if (!asked) expect(chunk).toBe("data: [DONE]");
      else {
        const headgate = { model: "fast", provider: "up", cost_usd: 0.00002, attempts: 1 };
        expect(JSON.parse(chunk?.slice(6) ?? "")).toMatchObject({ choices: [], usage, headgate });
      }
    },
  );

  // A look-alike that takes stream_options for nothing: whoever asked got no chunk at all.
  it("tells whoever asked the gateway's facts where nobody has counted, under the answer's id", async () => {
    const stage = createStage(config, () => stream(content, DONE));
    const body = { model: "fast", messages, stream: true, stream_options: { include_usage: true } };
    const reply = await chat(stage.deps, askFor(stage, body));
    const text = reply.ok ? await textOf(reply.body) : "";
    expect(text.startsWith(content) && text.endsWith(DONE)).toBe(true);
    const told = JSON.parse(text.slice(content.length + "data: ".length, -DONE.length));
    expect(told).toMatchObject({
      ...{ id: "c1", choices: [] },
      headgate: { model: "fast", provider: "up", cache: "off", attempts: 1 },
    });
    expect(told).not.toHaveProperty("usage");
    await settle();
    const [record] = stage.records;
    expect(record).toMatchObject({ estimated: true, cost_nano_usd: expect.any(Number) });
    expect(told.headgate.cost_usd).toBe((record?.cost_nano_usd ?? 0) / 1e9);
  });

  it("tells the cost that is charged, also where the figures cannot be true", async () => {
    const stage = createStage(config, () => stream(content, usageChunk(10, 1e9), DONE));
    const body = { model: "fast", messages, stream: true, stream_options: { include_usage: true } };
    const reply = await chat(stage.deps, askFor(stage, body));
    const text = reply.ok ? await textOf(reply.body) : "";
    const { headgate } = JSON.parse(text.split("data: ").at(-2) ?? "");
    await settle();
    expect(stage.records[0]).toMatchObject({ estimated: true });
    expect(headgate.cost_usd).toBe((stage.records[0]?.cost_nano_usd ?? 0) / 1e9);
  });

  it("tells the gateway's facts in a usage chunk of several lines too", async () => {
    const chunk = JSON.stringify({ ...last, choices: [], usage }).replace(
      ',"usage"',
      ',\ndata: "usage"',
    );
    const stage = createStage(config, () => stream(content, `data: ${chunk}\n\n`, DONE));
    const body = { model: "fast", messages, stream: true, stream_options: { include_usage: true } };
    const reply = await chat(stage.deps, askFor(stage, body));
    const text = reply.ok ? await textOf(reply.body) : "";
    expect(JSON.parse(text.split("data: ").at(-2) ?? "")).toMatchObject({
      usage,
      headgate: { model: "fast" },
    });
  });

  it("skips one event that is not JSON and delivers the rest", async () => {
    const broken = `data: {"choices":[{"delta":{"con\n\n`;
    const stage = createStage(config, () =>
      stream(chunks({ content: "a" }), broken, chunks({ content: "b", finish: "stop" }), DONE),
    );
    const reply = await chat(stage.deps, askFor(stage, { model: "fast", messages, stream: true }));
    expect(reply.ok && (await textOf(reply.body))).toBe(
      chunks({ content: "a" }, { content: "b", finish: "stop" }) + DONE,
    );
  });

  it("gets the terminal mark that the provider forgot", async () => {
    const stage = createStage(config, () => stream(content));
    const reply = await chat(stage.deps, askFor(stage, { model: "fast", messages, stream: true }));
    expect(reply.ok && (await textOf(reply.body))).toBe(content + DONE);
  });
});
