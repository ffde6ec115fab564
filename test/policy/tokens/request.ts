/**
 * Decides: the request that token tests begin with.
 * Never: is a test.
 */
import type { ChatRequest, Message } from "../../../src/domain/chat.ts";

export const user = (text: string): Message => ({
  role: "user",
  content: [{ type: "text", text }],
});

export const requestOf = (fields: Partial<ChatRequest>): ChatRequest => ({
  messages: [],
  stream: false,
  include_usage: false,
  extra: {},
  ...fields,
});
