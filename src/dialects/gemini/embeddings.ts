/**
 * Decides: how an OpenAI embeddings request and answer look to Gemini's batchEmbedContents.
 * Never: cuts or rescales a vector, or says that an input without a count had no tokens.
 */
import { err, ok, type Result } from "../../base/result.ts";
import { type Failure, failure } from "../../domain/error.ts";
import { isObject, type Json } from "../reading.ts";
import type { Wire } from "./wire.ts";

/** The last line is for the gateway itself and for the caller's own books. */
const FIELDS: ReadonlySet<string> = new Set([
  ...["model", "input", "dimensions", "encoding_format"],
  ...["user", "metadata", "headgate", "fallback_models", "models", "use_cache"],
]);

const refused = (param: string): Result<never, Failure> =>
  err(failure("unsupported_parameter", { param }));
const wrong = (param: string): Result<never, Failure> =>
  err(failure("invalid_parameter", { param }));

const textsOf = (input: unknown): Result<readonly string[], Failure> => {
  const list: readonly unknown[] = Array.isArray(input) ? input : [input];
  // Token ids are of OpenAI's vocabularies; no other model can read them.
  if (list.some((one) => typeof one === "number" || Array.isArray(one))) return refused("input");
  const texts = list.filter((one) => typeof one === "string" && one !== "");
  return texts.length === list.length && texts.length > 0 ? ok(texts as string[]) : wrong("input");
};

/** `model` is the name upstream. `user` and `metadata` say nothing to the model and stay behind. */
const encode = (body: Json, model: string): Result<Wire, Failure> => {
  const unknown = Object.keys(body).find((name) => !FIELDS.has(name) && body[name] !== null);
  if (unknown !== undefined) return refused(unknown);
  const format = body["encoding_format"] ?? "float";
  if (format !== "float" && format !== "base64") return wrong("encoding_format");
  const dimensions = body["dimensions"] ?? undefined;
  if (dimensions !== undefined && !(Number.isSafeInteger(dimensions) && Number(dimensions) > 0)) {
    return wrong("dimensions");
  }
  const texts = textsOf(body["input"]);
  if (!texts.ok) return texts;
  const name = model.startsWith("models/") ? model : `models/${model}`;
  return ok({
    requests: texts.value.map((text) => ({
      model: name,
      content: { parts: [{ text }] },
      ...(dimensions === undefined ? {} : { outputDimensionality: dimensions }),
    })),
  });
};

/** Four bytes a number, little-endian, as OpenAI's SDKs read them. */
const toBase64 = (vector: readonly number[]): string => {
  const view = new DataView(new ArrayBuffer(vector.length * 4));
  vector.forEach((value, at) => {
    view.setFloat32(at * 4, value, true);
  });
  let binary = "";
  for (const byte of new Uint8Array(view.buffer)) binary += String.fromCharCode(byte);
  return btoa(binary);
};

const isVector = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === "number");

const vectorOf = (embedding: unknown): readonly number[] | undefined =>
  isObject(embedding) && isVector(embedding["values"]) ? embedding["values"] : undefined;

/** `usage` stands in the answer only where Gemini counted; `invalid` unless there is a vector for each input. */
const decode = (answer: unknown, request: Json): Result<Wire, "invalid"> => {
  const list: unknown = isObject(answer) ? answer["embeddings"] : undefined;
  const vectors = (Array.isArray(list) ? list : []).map(vectorOf);
  const expected = Array.isArray(request["input"]) ? request["input"].length : 1;
  if (vectors.length !== expected) return err("invalid");
  const base64 = request["encoding_format"] === "base64";
  const data: Wire[] = [];
  for (const [index, vector] of vectors.entries()) {
    if (vector === undefined) return err("invalid");
    data.push({ object: "embedding", index, embedding: base64 ? toBase64(vector) : vector });
  }
  const metadata = isObject(answer) ? answer["usageMetadata"] : undefined;
  const tokens = isObject(metadata) ? metadata["promptTokenCount"] : undefined;
  return ok({
    object: "list",
    data,
    model: request["model"],
    ...(typeof tokens === "number"
      ? { usage: { prompt_tokens: tokens, total_tokens: tokens } }
      : {}),
  });
};

export const geminiEmbeddings = { encode, decode };
