import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import {
  embedMany,
  generateText,
  isStepCount,
  jsonSchema,
  Output,
  streamText,
  type ToolSet,
  tool,
} from "ai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Journey, startJourney } from "../support/journey.ts";
import { TEXT } from "../support/upstream-answer.ts";
import { PROVIDERS } from "../support/upstream-config.ts";
import { VECTOR } from "../support/upstream-embeddings.ts";

let journey: Journey;
beforeAll(async () => {
  journey = await startJourney({ models: ["ok", "embedding"] });
});
afterAll(() => journey?.dispose());

const settings = () => ({ baseURL: `${journey.gateway.url}/v1`, apiKey: journey.key });

const CLIENTS = [
  { client: "@ai-sdk/openai", modelOf: (name: string) => createOpenAI(settings()).chat(name) },
  {
    client: "@ai-sdk/openai-compatible",
    modelOf: (name: string) =>
      createOpenAICompatible({
        ...settings(),
        name: "headgate",
        includeUsage: true,
        supportsStructuredOutputs: true,
      }).chatModel(name),
  },
  {
    client: "@ai-sdk/anthropic",
    modelOf: (name: string) => createAnthropic(settings()).languageModel(name),
  },
] as const;

const CASES = CLIENTS.flatMap(({ client, modelOf }) =>
  PROVIDERS.map((provider) => ({ client, provider, modelOf })),
);

const schema = jsonSchema<{ city: string; size: number }>({
  type: "object",
  properties: { city: { type: "string" }, size: { type: "integer" } },
  required: ["city", "size"],
  additionalProperties: false,
});

describe.each(CASES)("ai with $client, served by $provider", ({ provider, modelOf }) => {
  const prompt = "What is a gateway?";
  const asked = () => ({ model: modelOf(`${provider}-ok`), prompt, maxOutputTokens: 1000 });

  it("gets a text with its usage", async () => {
    const { text, finishReason, usage } = await generateText(asked());
    expect(text).toBe(TEXT);
    expect(finishReason).toBe("stop");
    expect(usage).toMatchObject({ inputTokens: 25, outputTokens: 60 });
  });

  it("gets a stream with its usage", async () => {
    const result = streamText(asked());
    const pieces = await Array.fromAsync(result.textStream);
    expect(pieces.join("")).toBe(TEXT);
    expect(pieces.length).toBeGreaterThan(10);
    expect(await result.finishReason).toBe("stop");
    expect(await result.usage).toMatchObject({ inputTokens: 25, outputTokens: 60 });
  });

  it("calls a tool and goes on with its result", async () => {
    const called: unknown[] = [];
    const find = tool({
      description: "Finds a place.",
      inputSchema: schema,
      execute: async (input) => {
        called.push(input);
        return { found: true };
      },
    });
    const { text, steps } = await generateText({
      ...asked(),
      tools: { find },
      stopWhen: isStepCount(2),
    });
    expect(called).toEqual([{ city: "Paris", size: 7 }]);
    expect(steps.map((step) => step.finishReason)).toEqual(["tool-calls", "stop"]);
    expect(text).toBe(TEXT);
  });

  it("streams a tool's input", async () => {
    const tools: ToolSet = { find: tool({ description: "Finds a place.", inputSchema: schema }) };
    const result = streamText({ ...asked(), tools });
    const calls = await result.toolCalls;
    expect(calls.map(({ toolName, input }) => [toolName, input])).toEqual([
      ["find", { city: "Paris", size: 7 }],
    ]);
  });
});

describe.each(CASES.filter(({ client }) => client !== "@ai-sdk/anthropic"))(
  "ai with $client, served by $provider",
  ({ provider, modelOf }) => {
    it("gets an object of the schema that it gave", async () => {
      const { output } = await generateText({
        model: modelOf(`${provider}-ok`),
        prompt: "Name a place.",
        output: Output.object({ schema }),
      });
      expect(output).toEqual({ city: "Paris", size: 7 });
    });
  },
);

describe("ai", () => {
  it("embeds many values through the OpenAI provider", async () => {
    const { embeddings } = await embedMany({
      model: createOpenAI(settings()).embedding("openai-embedding"),
      values: ["one", "two"],
    });
    expect(embeddings).toEqual([VECTOR, VECTOR]);
  });
});
