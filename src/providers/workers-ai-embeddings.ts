/**
 * Decides: how an OpenAI embeddings request and answer look to Workers AI.
 * Never: cuts or rescales a vector: what the model does not offer is refused.
 */
import { isRecord } from "../base/record.ts";
import { err, ok, type Result } from "../base/result.ts";
import { type Failure, failure } from "../domain/error.ts";

type Json = Record<string, unknown>;

const base64 = (values: readonly number[]): string => {
  let bytes = "";
  for (const byte of new Uint8Array(new Float32Array(values).buffer))
    bytes += String.fromCharCode(byte);
  return btoa(bytes);
};

/** The last line is for the gateway itself and for the caller's own books. */
const FIELDS: ReadonlySet<string> = new Set([
  ...["model", "input", "encoding_format"],
  ...["user", "metadata", "headgate", "fallback_models", "models", "use_cache"],
]);

const encode = (body: Json, model: string): Result<Json, Failure> => {
  const unknown = Object.keys(body).find((name) => !FIELDS.has(name) && body[name] !== null);
  if (unknown !== undefined) return err(failure("unsupported_parameter", { param: unknown }));
  const input = body["input"];
  const text = Array.isArray(input) ? input : [input];
  if (text.some((each) => typeof each !== "string")) {
    return err(failure("unsupported_parameter", { param: "input" }));
  }
  return ok({ model, text });
};

const decode = (answer: unknown, request: Json): Result<Json, "invalid"> => {
  const vectors = isRecord(answer) && Array.isArray(answer["data"]) ? answer["data"] : undefined;
  if (vectors === undefined || !vectors.every(Array.isArray)) return err("invalid");
  const data = vectors.map((embedding: readonly number[], index: number) => ({
    object: "embedding",
    index,
    embedding: request["encoding_format"] === "base64" ? base64(embedding) : embedding,
  }));
  return ok({ object: "list", data, model: request["model"] ?? "workers-ai" });
};

export const workersAiEmbeddings = { encode, decode };
