/**
 * Decides: the door for OpenAI's chat completions.
 * Never: more than its route; read-ask reads, the pipeline answers.
 */
import { chat } from "../pipeline/chat.ts";
import type { Route } from "./context.ts";
import { callModel } from "./read-ask.ts";

export const chatRoutes: readonly Route[] = [
  {
    method: "POST",
    path: "/v1/chat/completions",
    auth: { class: "data", scope: "chat" },
    errors: "openai",
    handle: callModel({ endpoint: "chat", dialect: "openai-chat", run: chat }),
  },
];
