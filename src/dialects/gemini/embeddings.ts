/**
 * Decides: how an OpenAI embeddings request and answer look to Gemini's batchEmbedContents.
 * Never: reads or writes OpenAI's side; that is openai-embeddings.ts.
 */
import { ok, type Result } from "../../base/result.ts";
import type { Failure } from "../../domain/error.ts";
import { embeddingsAnswer, readEmbeddings } from "../openai-embeddings.ts";
import { isObject, type Json } from "../reading.ts";
import type { Wire } from "./wire.ts";

/** `model` is the name upstream. */
const encode = (body: Json, model: string): Result<Wire, Failure> => {
  const asked = readEmbeddings(body);
  if (!asked.ok) return asked;
  const { texts, dimensions } = asked.value;
  const name = model.startsWith("models/") ? model : `models/${model}`;
  return ok({
    requests: texts.map((text) => ({
      model: name,
      content: { parts: [{ text }] },
      ...(dimensions === undefined ? {} : { outputDimensionality: dimensions }),
    })),
  });
};

/** `usage` stands in the answer only where Gemini counted; `invalid` unless there is a vector for each input. */
const decode = (answer: unknown, request: Json): Result<Wire, "invalid"> => {
  const list: unknown = isObject(answer) ? answer["embeddings"] : undefined;
  const vectors = (Array.isArray(list) ? list : []).map((embedding: unknown) =>
    isObject(embedding) ? embedding["values"] : undefined,
  );
  const metadata = isObject(answer) ? answer["usageMetadata"] : undefined;
  const tokens = isObject(metadata) ? metadata["promptTokenCount"] : undefined;
  return embeddingsAnswer(vectors, request, tokens);
};

export const geminiEmbeddings = { encode, decode };
