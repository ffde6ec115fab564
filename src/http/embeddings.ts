/**
 * Decides: the door for OpenAI's embeddings.
 * Never: more than its route; read-ask reads, the pipeline answers.
 */
import { embeddings } from "../pipeline/embeddings.ts";
import type { Route } from "./context.ts";
import { callModel } from "./read-ask.ts";

export const embeddingRoutes: readonly Route[] = [
  {
    method: "POST",
    path: "/v1/embeddings",
    auth: { class: "data", scope: "embeddings" },
    errors: "openai",
    handle: callModel({ endpoint: "embeddings", dialect: "openai-chat", run: embeddings }),
  },
];
