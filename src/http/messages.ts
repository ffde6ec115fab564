/**
 * Decides: the doors for Anthropic's messages and the counting of their tokens.
 * Never: more than its routes; read-ask reads, the pipeline answers.
 */
import { chat } from "../pipeline/chat.ts";
import { countTokens } from "../pipeline/count-tokens.ts";
import type { Route } from "./context.ts";
import { callModel } from "./read-ask.ts";

export const messageRoutes: readonly Route[] = [
  {
    method: "POST",
    path: "/v1/messages",
    auth: { class: "data", scope: "chat" },
    errors: "anthropic",
    handle: callModel({ endpoint: "messages", dialect: "anthropic-messages", run: chat }),
  },
  {
    method: "POST",
    path: "/v1/messages/count_tokens",
    auth: { class: "data", scope: "chat" },
    errors: "anthropic",
    handle: callModel({
      endpoint: "count_tokens",
      dialect: "anthropic-messages",
      run: countTokens,
    }),
  },
];
