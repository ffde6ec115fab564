import { afterAll, expect, it } from "vitest";
import { editJson, readJson } from "../../src/base/json-body.ts";
import { geminiEmbeddings } from "../../src/dialects/gemini/embeddings.ts";
import { openAiSchema } from "../support/openapi.ts";
import { describeRecorded } from "../support/recorded-data.ts";
import { recordings } from "../support/recordings.ts";
import { createReplays, differences } from "../support/replay.ts";

type Json = Record<string, unknown>;
const replays = createReplays();
const OPENAI = ["openai", "azure", "mistral", "ollama", "openrouter"];
const NO_REQUEST = { skip: "the recording has no request body" };

/** What OpenAI's own embeddings API has: the request that led to a recorded answer of Gemini's. */
const askedFor = (request: Json): Json => {
  const requests = request["requests"] as {
    model: string;
    content: { parts: Json[] };
    outputDimensionality?: number;
  }[];
  const dimensions = requests[0]?.outputDimensionality;
  return {
    model: (requests[0]?.model ?? "").replace("models/", ""),
    input: requests.map(({ content }) => content.parts.map((part) => part["text"]).join("")),
    ...(dimensions === undefined ? {} : { dimensions }),
  };
};

describeRecorded("recorded embeddings", () => {
  afterAll(() => console.log(replays.summary()));
  const valid = openAiSchema("CreateEmbeddingResponse");

  it("of OpenAI-speaking servers pass through with the model exchanged and every other byte kept", async () => {
    const files = OPENAI.map((provider) => `${provider}.embeddings`);
    const all = recordings("openai-chat", files);
    const faults = await replays.faultsOf("embeddings, pass-through", all, (record) => {
      const { request, model } = record;
      if (request === undefined) return NO_REQUEST;
      const text = JSON.stringify(request);
      const body = readJson(text);
      if (!body.ok) return ["not read"];
      const edited = editJson(body.value, { model: "another" });
      const named = `"model":${JSON.stringify(model)}`;
      return edited === text.replace(named, '"model":"another"') ? [] : ["other bytes changed"];
    });
    expect(faults).toEqual([]);
  });

  it("of Gemini are what OpenAI's request becomes, and become what OpenAI's clients read", async () => {
    const all = recordings("openai-chat", ["gemini.embeddings"]);
    const faults = await replays.faultsOf("embeddings, Gemini ↔ OpenAI", all, (record) => {
      const { request, whole } = record;
      if (request === undefined || whole === undefined) return NO_REQUEST;
      if (JSON.stringify(request).includes("inline_data")) {
        return { skip: "an image: OpenAI's embeddings API has none" };
      }
      const asked = askedFor(request);
      const written = geminiEmbeddings.encode(asked, record.model);
      const answer = geminiEmbeddings.decode(whole, asked);
      if (!written.ok || !answer.ok) return ["refused"];
      const vectors = (whole["embeddings"] as { values: number[] }[]).map(({ values }) => values);
      const data = answer.value["data"] as { embedding: number[] }[];
      const counted = (whole["usageMetadata"] as Json | undefined)?.["promptTokenCount"];
      const usage = answer.value["usage"] as Json | undefined;
      return [
        ...differences(plain(written.value), plain(request)),
        ...differences(
          data.map(({ embedding }) => embedding),
          vectors,
        ),
        ...differences(usage?.["prompt_tokens"], counted),
        ...valid(usage === undefined ? { ...answer.value, usage: NO_USAGE } : answer.value),
      ];
    });
    expect(faults).toEqual([]);
  });
});

/** Gemini's older models count nothing; the gateway invents no count, though OpenAI's schema has one. */
const NO_USAGE = { prompt_tokens: 0, total_tokens: 0 };

/** Gemini's task types are hints that OpenAI's API has no field for. */
const plain = (request: Json): unknown =>
  (request["requests"] as Json[]).map(({ taskType: _, title: __, ...one }) => one);
