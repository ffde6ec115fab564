import type OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Journey, startJourney } from "../support/journey.ts";
import { TEXT } from "../support/upstream-answer.ts";
import { PROVIDERS } from "../support/upstream-config.ts";

let journey: Journey;
beforeAll(async () => {
  journey = await startJourney({ models: ["ok"] });
});
afterAll(() => journey?.dispose());

const QUESTION: OpenAI.ChatCompletionMessageParam[] = [
  { role: "system", content: "Be brief." },
  { role: "user", content: "What is a gateway?" },
];

const weather: OpenAI.ChatCompletionTool = {
  type: "function",
  function: {
    name: "get_weather",
    description: "The weather in a city.",
    parameters: {
      type: "object",
      properties: { city: { type: "string" }, days: { type: "integer" } },
      required: ["city", "days"],
    },
  },
};
const time: OpenAI.ChatCompletionTool = {
  type: "function",
  function: {
    name: "get_time",
    parameters: { type: "object", properties: { zone: { type: "string" } }, required: ["zone"] },
  },
};

const lastBody = (model: string): Record<string, unknown> =>
  journey.upstream.to(model).at(-1)?.body ?? {};

describe.each(PROVIDERS)("the openai client, served by %s", (provider) => {
  const model = `${provider}-ok`;

  it("gets a whole answer with its usage", async () => {
    const answer = await journey.openai.chat.completions.create({ model, messages: QUESTION });
    expect(answer.choices[0]?.message).toMatchObject({ role: "assistant", content: TEXT });
    expect(answer.choices[0]?.finish_reason).toBe("stop");
    expect(answer.usage).toMatchObject({
      prompt_tokens: 25,
      completion_tokens: 60,
      total_tokens: 85,
      prompt_tokens_details: { cached_tokens: 5 },
    });
  });

  it("gets a stream whose pieces are the answer, without a usage chunk that it did not ask for", async () => {
    const stream = await journey.openai.chat.completions.create({
      model,
      messages: QUESTION,
      stream: true,
    });
    const chunks = await Array.fromAsync(stream);
    const text = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("");
    expect(text).toBe(TEXT);
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe("stop");
    expect(chunks.filter((chunk) => chunk.usage)).toEqual([]);
    expect(chunks.filter((chunk) => chunk.choices.length === 0)).toEqual([]);
  });

  it("gets the usage in the last chunk when it asks for it", async () => {
    const stream = await journey.openai.chat.completions.create({
      model,
      messages: QUESTION,
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks = await Array.fromAsync(stream);
    expect(chunks.at(-1)).toMatchObject({
      choices: [],
      usage: { prompt_tokens: 25, completion_tokens: 60, total_tokens: 85 },
    });
  });

  it("gets parallel tool calls, whole", async () => {
    const answer = await journey.openai.chat.completions.create({
      model,
      messages: QUESTION,
      tools: [weather, time],
      tool_choice: "auto",
    });
    const [choice] = answer.choices;
    expect(choice?.finish_reason).toBe("tool_calls");
    const calls = choice?.message.tool_calls?.map((call) =>
      call.type === "function" ? [call.function.name, JSON.parse(call.function.arguments)] : [],
    );
    expect(calls).toEqual([
      ["get_weather", { city: "Paris", days: 7 }],
      ["get_time", { zone: "Paris" }],
    ]);
  });

  it("gets parallel tool calls whose arguments are streamed", async () => {
    const stream = journey.openai.chat.completions.stream({
      model,
      messages: QUESTION,
      tools: [weather, time],
    });
    const { choices } = await stream.finalChatCompletion();
    expect(choices[0]?.finish_reason).toBe("tool_calls");
    const calls = choices[0]?.message.tool_calls?.map((call) =>
      call.type === "function" ? [call.function.name, JSON.parse(call.function.arguments)] : [],
    );
    expect(calls).toEqual([
      ["get_weather", { city: "Paris", days: 7 }],
      ["get_time", { zone: "Paris" }],
    ]);
  });

  it("sends tool results back and gets the text", async () => {
    const tools = [weather];
    const first = await journey.openai.chat.completions.create({
      model,
      messages: QUESTION,
      tools,
    });
    const message = first.choices[0]?.message;
    const call = message?.tool_calls?.[0];
    if (message === undefined || call === undefined) throw new Error("no tool call");
    const answer = await journey.openai.chat.completions.create({
      model,
      tools,
      messages: [
        ...QUESTION,
        message,
        { role: "tool", tool_call_id: call.id, content: '{"sky":"clear"}' },
      ],
    });
    expect(answer.choices[0]?.message.content).toBe(TEXT);
    expect(JSON.stringify(lastBody("ok"))).toContain("clear");
  });

  it("gets JSON of the schema that it gave", async () => {
    const answer = await journey.openai.chat.completions.create({
      model,
      messages: QUESTION,
      response_format: {
        type: "json_schema",
        json_schema: {
          name: "place",
          strict: true,
          schema: {
            type: "object",
            properties: { city: { type: "string" }, size: { type: "integer" } },
            required: ["city", "size"],
            additionalProperties: false,
          },
        },
      },
    });
    const text = answer.choices[0]?.message.content ?? "";
    expect(JSON.parse(text)).toEqual({ city: "Paris", size: 7 });
  });

  it("sends an image as a data URL", async () => {
    const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk";
    const answer = await journey.openai.chat.completions.create({
      model,
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "What is this?" },
            { type: "image_url", image_url: { url: `data:image/png;base64,${pixel}` } },
          ],
        },
      ],
    });
    expect(answer.choices[0]?.message.content).toBe(TEXT);
    const sent = JSON.stringify(lastBody("ok"));
    expect(sent).toContain(pixel);
    expect(sent).toContain("image/png");
  });

  it("sees that an answer was cut at its output cap", async () => {
    const answer = await journey.openai.chat.completions.create({
      model,
      messages: QUESTION,
      max_completion_tokens: 3,
    });
    expect(answer.choices[0]?.message.content).toBe("One gateway stands");
    expect(answer.choices[0]?.finish_reason).toBe("length");
  });
});
