/**
 * Decides: how an OpenAI embeddings request is read, and its answer written, for providers whose own form is another.
 * Never: cuts or rescales a vector, or says that an input without a count had no tokens.
 */
import { err, ok, type Result } from "../base/result.ts";
import { type Failure, failure } from "../domain/error.ts";
import type { Json } from "./reading.ts";

/** The last line is for the gateway itself and for the caller's own books. */
const FIELDS: ReadonlySet<string> = new Set([
  ...["model", "input", "dimensions", "encoding_format"],
  ...["user", "metadata", "headgate", "fallback_models", "models", "use_cache"],
]);

export type EmbeddingsAsked = {
  /** Not empty, nor is any of them. */
  readonly texts: readonly string[];
  /** The length of the vectors; undefined: the model's own. */
  readonly dimensions: number | undefined;
};

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

/** `user` and `metadata` say nothing to a model and stay behind; a field that nobody knows is refused. */
export const readEmbeddings = (body: Json): Result<EmbeddingsAsked, Failure> => {
  const unknown = Object.keys(body).find((name) => !FIELDS.has(name) && body[name] !== null);
  if (unknown !== undefined) return refused(unknown);
  const format = body["encoding_format"] ?? "float";
  if (format !== "float" && format !== "base64") return wrong("encoding_format");
  const dimensions = body["dimensions"] ?? undefined;
  if (dimensions !== undefined && !(Number.isSafeInteger(dimensions) && Number(dimensions) > 0)) {
    return wrong("dimensions");
  }
  const texts = textsOf(body["input"]);
  return texts.ok
    ? ok({ texts: texts.value, dimensions: dimensions as number | undefined })
    : texts;
};

/** Four bytes a number, little-endian, as OpenAI's SDKs read them. */
export const vectorToBase64 = (vector: readonly number[]): string => {
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

/**
 * `vectors` in the order of the inputs of `request`; `tokens`: what the provider counted. `invalid` unless there is a
 * vector for each input.
 */
export const embeddingsAnswer = (
  vectors: readonly unknown[],
  request: Json,
  tokens: unknown,
): Result<Record<string, unknown>, "invalid"> => {
  const expected = Array.isArray(request["input"]) ? request["input"].length : 1;
  if (vectors.length !== expected || !vectors.every(isVector)) return err("invalid");
  const base64 = request["encoding_format"] === "base64";
  return ok({
    object: "list",
    data: vectors.map((vector, index) => ({
      object: "embedding",
      index,
      embedding: base64 ? vectorToBase64(vector) : vector,
    })),
    model: request["model"],
    ...(typeof tokens === "number"
      ? { usage: { prompt_tokens: tokens, total_tokens: tokens } }
      : {}),
  });
};
