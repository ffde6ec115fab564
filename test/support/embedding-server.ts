/**
 * Decides: how a real embedding model looks over the wire: OpenAI's `POST /v1/embeddings`, one text or several, as
 * numbers or as base64, with usage.
 * Never: listens anywhere but on the loopback, or knows texts that come as somebody else's tokens.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { isRecord } from "../../src/base/record.ts";
import { bodyOf, sendJson, serveLoopback } from "./loopback-server.ts";
import { encode } from "./sentence-encoder.ts";

export type EmbeddingServer = {
  /** To be put before `/v1/embeddings`. */
  readonly url: string;
  /** The texts of each request, in order. */
  readonly asked: readonly (readonly string[])[];
  dispose(): Promise<void>;
};

const textsOf = (body: unknown): readonly string[] | undefined => {
  const input = isRecord(body) ? body["input"] : undefined;
  const texts: readonly unknown[] = Array.isArray(input) ? input : [input];
  const whole = texts.filter((text): text is string => typeof text === "string" && text !== "");
  return whole.length > 0 && whole.length === texts.length ? whole : undefined;
};

/** Undefined where it is no JSON. */
const parsed = async (request: IncomingMessage): Promise<unknown> => {
  try {
    return JSON.parse(await bodyOf(request));
  } catch {
    return undefined;
  }
};

const refuse = (response: ServerResponse, status: number, message: string): void =>
  sendJson(response, status, { error: { message, type: "invalid_request_error" } });

const listOf = async (body: unknown, texts: readonly string[]): Promise<object> => {
  const { encoding_format: format, model } = isRecord(body) ? body : {};
  const encoded = await encode(texts);
  const shown = (vector: Float32Array): unknown =>
    format === "base64" ? Buffer.from(vector.buffer).toString("base64") : [...vector];
  const tokens = encoded.reduce((sum, one) => sum + one.tokens, 0);
  return {
    object: "list",
    data: encoded.map(({ vector }, index) => ({
      ...{ object: "embedding", index, embedding: shown(vector) },
    })),
    model,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
};

/** Answers once the weights are loaded: whoever asks first does not wait for them. */
export const startEmbeddingServer = async (): Promise<EmbeddingServer> => {
  const asked: (readonly string[])[] = [];
  await encode(["Wake up."]);
  const { url, dispose } = await serveLoopback(async (request, response) => {
    if (request.method !== "POST" || request.url !== "/v1/embeddings") {
      return refuse(response, 404, "There is nothing here.");
    }
    const body = await parsed(request);
    const texts = textsOf(body);
    if (texts === undefined) return refuse(response, 400, "`input` has to be texts.");
    asked.push(texts);
    sendJson(response, 200, await listOf(body, texts));
  });
  return { url, asked, dispose };
};
