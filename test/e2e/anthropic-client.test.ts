import type Anthropic from "@anthropic-ai/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Journey, startJourney } from "../support/journey.ts";
import { INPUT_TOKENS, TEXT } from "../support/upstream-answer.ts";
import { PROVIDERS } from "../support/upstream-config.ts";

let journey: Journey;
beforeAll(async () => {
  journey = await startJourney({ models: ["ok"] });
});
afterAll(() => journey?.dispose());

const asked = {
  max_tokens: 1024,
  system: "Be brief.",
  messages: [{ role: "user", content: "What is a gateway?" }],
} satisfies Partial<Anthropic.MessageCreateParamsNonStreaming>;

const tools: Anthropic.Tool[] = [
  {
    name: "get_weather",
    description: "The weather in a city.",
    input_schema: {
      type: "object",
      properties: { city: { type: "string" }, days: { type: "integer" } },
      required: ["city", "days"],
    },
  },
  {
    name: "get_time",
    input_schema: { type: "object", properties: { zone: { type: "string" } }, required: ["zone"] },
  },
];
const CALLS = [
  { type: "tool_use", name: "get_weather", input: { city: "Paris", days: 7 } },
  { type: "tool_use", name: "get_time", input: { zone: "Paris" } },
];

describe.each(PROVIDERS)("the Anthropic client, served by %s", (provider) => {
  const model = `${provider}-ok`;

  it("gets a whole answer with its usage", async () => {
    const answer = await journey.anthropic.messages.create({ ...asked, model });
    expect(answer).toMatchObject({
      type: "message",
      role: "assistant",
      stop_reason: "end_turn",
      content: [{ type: "text", text: TEXT }],
      usage: { input_tokens: 20, cache_read_input_tokens: 5, output_tokens: 60 },
    });
    expect(answer._request_id).toMatch(/^req_/);
  });

  // It asks for a conversation that the server holds, and does without where the answer says that there is none.
  it.each([false, true])("has its tools run until the answer, streamed: %s", async (stream) => {
    const ran: string[] = [];
    const answer = await journey.anthropic.beta.messages
      .toolRunner({
        ...asked,
        model,
        stream,
        tools: tools.map((tool) => ({
          ...tool,
          parse: (input: unknown) => input,
          run: () => {
            ran.push(tool.name);
            return "sunny";
          },
        })),
      })
      .runUntilDone();
    expect(ran).toEqual(["get_weather", "get_time"]);
    expect(answer.content).toMatchObject([{ type: "text", text: TEXT }]);
  });

  it("gets a stream whose pieces are the answer", async () => {
    const stream = journey.anthropic.messages.stream({ ...asked, model });
    let text = "";
    stream.on("text", (piece) => {
      text += piece;
    });
    const answer = await stream.finalMessage();
    expect(text).toBe(TEXT);
    expect(answer).toMatchObject({
      stop_reason: "end_turn",
      content: [{ type: "text", text: TEXT }],
      usage: { output_tokens: 60 },
    });
  });

  it("gets the events of a stream in the order that the protocol lays down", async () => {
    const stream = await journey.anthropic.messages.create({ ...asked, model, stream: true });
    const events = (await Array.fromAsync(stream)).map((event) => event.type);
    const order = events.filter((type, index) => type !== events[index - 1]);
    expect(order).toEqual([
      "message_start",
      "content_block_start",
      "content_block_delta",
      "content_block_stop",
      "message_delta",
      "message_stop",
    ]);
  });

  it("gets parallel tool calls, whole and streamed", async () => {
    const whole = await journey.anthropic.messages.create({ ...asked, model, tools });
    expect(whole.stop_reason).toBe("tool_use");
    expect(whole.content).toMatchObject(CALLS);
    const streamed = await journey.anthropic.messages
      .stream({ ...asked, model, tools })
      .finalMessage();
    expect(streamed.stop_reason).toBe("tool_use");
    expect(streamed.content).toMatchObject(CALLS);
  });

  it("sends tool results back and gets the text", async () => {
    const first = await journey.anthropic.messages.create({ ...asked, model, tools });
    const results = first.content.flatMap((block) =>
      block.type === "tool_use"
        ? [{ type: "tool_result" as const, tool_use_id: block.id, content: "clear sky" }]
        : [],
    );
    const answer = await journey.anthropic.messages.create({
      ...asked,
      model,
      tools,
      messages: [
        ...asked.messages,
        { role: "assistant", content: first.content },
        { role: "user", content: results },
      ],
    });
    expect(answer.content).toMatchObject([{ type: "text", text: TEXT }]);
    expect(journey.upstream.to("ok").at(-1)?.text).toContain("clear sky");
  });

  it("sends an image", async () => {
    const data = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk";
    const answer = await journey.anthropic.messages.create({
      model,
      max_tokens: 1024,
      messages: [
        {
          role: "user",
          content: [
            { type: "image", source: { type: "base64", media_type: "image/png", data } },
            { type: "text", text: "What is this?" },
          ],
        },
      ],
    });
    expect(answer.content).toMatchObject([{ type: "text", text: TEXT }]);
    expect(journey.upstream.to("ok").at(-1)?.text).toContain(data);
  });

  it("sees that an answer was cut at its output cap", async () => {
    const answer = await journey.anthropic.messages.create({ ...asked, model, max_tokens: 3 });
    expect(answer.stop_reason).toBe("max_tokens");
    expect(answer.content).toMatchObject([{ type: "text", text: "One gateway stands" }]);
  });
});

describe("count_tokens", () => {
  it("is the provider's own count where the provider counts", async () => {
    const counted = await journey.anthropic.messages.countTokens({
      model: "anthropic-ok",
      messages: asked.messages,
    });
    expect(counted.input_tokens).toBe(INPUT_TOKENS);
  });

  it("is answered for a model of another dialect too", async () => {
    const counted = await journey.anthropic.messages.countTokens({
      model: "openai-ok",
      messages: asked.messages,
    });
    expect(counted.input_tokens).toBeGreaterThan(0);
  });
});
