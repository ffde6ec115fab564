/**
 * Decides: how Gemini is addressed: the model stands in the path, streaming is another method.
 * Never: puts the key into the query, where logs would keep it.
 */
import { join, type Operation, PLAIN, type Provider, pathSegments } from "./provider.ts";

const METHODS: Readonly<Record<Operation, string>> = {
  chat: ":generateContent",
  embeddings: ":batchEmbedContents",
  count_tokens: ":countTokens",
};

export const gemini: Provider = {
  baseUrl: "https://generativelanguage.googleapis.com",
  needsKey: true,
  operations: new Set(["chat", "embeddings"]),
  quirks: PLAIN,
  address: (target, base, operation, stream, key) => ({
    url: join(
      base,
      `/v1beta/models/${pathSegments(target.upstream.replace(/^models\//, ""))}${
        stream ? ":streamGenerateContent?alt=sse" : METHODS[operation]
      }`,
    ),
    headers: key === undefined ? {} : { "x-goog-api-key": key.reveal() },
  }),
};
