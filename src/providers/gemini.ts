/**
 * Decides: how Gemini is addressed: the model stands in the path, streaming is another method.
 * Never: puts the key into the query, where logs would keep it.
 */
import { join, type Operation, PLAIN, type Provider, pathSegments } from "./provider.ts";

const methodOf = (operation: Operation, stream: boolean): string => {
  if (operation === "embeddings") return ":batchEmbedContents";
  return stream ? ":streamGenerateContent?alt=sse" : ":generateContent";
};

export const gemini: Provider = {
  baseUrl: "https://generativelanguage.googleapis.com",
  needsKey: true,
  operations: new Set(["chat", "embeddings"]),
  quirks: PLAIN,
  address: (target, base, operation, stream, key) => {
    const model = pathSegments(target.upstream.replace(/^models\//, ""));
    return {
      url: join(base, `/v1beta/models/${model}${methodOf(operation, stream)}`),
      headers: key === undefined ? {} : { "x-goog-api-key": key.reveal() },
    };
  },
};
