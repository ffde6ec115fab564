/**
 * Decides: the door for OpenAI's embeddings.
 * Never: more than its route; read-ask reads, the pipeline answers.
 */
import type { Ask, Reply } from "../pipeline/ask.ts";
import type { Deps } from "../ports.ts";
import type { Route } from "./context.ts";
import { callModel } from "./read-ask.ts";

/** Most isolates never have one to answer. */
const run = async (deps: Deps, ask: Ask): Promise<Reply> => {
  const { embeddings } = await import("../pipeline/embeddings.ts");
  return embeddings(deps, ask);
};

export const embeddingRoutes: readonly Route[] = [
  {
    method: "POST",
    path: "/v1/embeddings",
    auth: { class: "data", scope: "embeddings" },
    errors: "openai",
    handle: callModel({ endpoint: "embeddings", dialect: "openai-chat", run }),
  },
];
