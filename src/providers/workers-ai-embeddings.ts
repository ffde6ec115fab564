/**
 * Decides: how an OpenAI embeddings request and answer look to Workers AI.
 * Never: reads or writes OpenAI's side; that is dialects/openai-embeddings.ts.
 */
import { isRecord } from "../base/record.ts";
import { err, ok, type Result } from "../base/result.ts";
import { embeddingsAnswer, readEmbeddings } from "../dialects/openai-embeddings.ts";
import { type Failure, failure } from "../domain/error.ts";

type Json = Record<string, unknown>;

/** Every model there has one length of vectors. */
const encode = (body: Json, model: string): Result<Json, Failure> => {
  const asked = readEmbeddings(body);
  if (!asked.ok) return asked;
  const { texts, dimensions } = asked.value;
  return dimensions === undefined
    ? ok({ model, text: texts })
    : err(failure("unsupported_parameter", { param: "dimensions" }));
};

/** Nobody counts the tokens there. `invalid` unless there is a vector for each input. */
const decode = (answer: unknown, request: Json): Result<Json, "invalid"> => {
  const list: unknown = isRecord(answer) ? answer["data"] : undefined;
  return embeddingsAnswer(Array.isArray(list) ? list : [], request, undefined);
};

export const workersAiEmbeddings = { encode, decode };
