/**
 * Decides: what the built-in provider is: always there, no key, no network, priced 0.
 * Never: fails, and never answers the same request in two ways.
 */
import { isRecord } from "../../base/record.ts";
import { type LocalAnswer, nowhere, PLAIN, type Provider } from "../provider.ts";
import { demoChat } from "./chat.ts";
import { demoEmbeddings } from "./embeddings.ts";

const json = (body: unknown): LocalAnswer => ({
  status: 200,
  contentType: "application/json",
  text: JSON.stringify(body),
});

export const demo: Provider = {
  baseUrl: undefined,
  needsKey: false,
  operations: new Set(["chat", "embeddings"]),
  quirks: { ...PLAIN, streamOptions: true },
  address: nowhere,
  local: (operation, text) => {
    const parsed = JSON.parse(text) as unknown;
    const body = isRecord(parsed) ? parsed : {};
    if (operation === "embeddings") return json(demoEmbeddings(body));
    const answer = demoChat(body);
    return typeof answer === "string"
      ? { status: 200, contentType: "text/event-stream", text: answer }
      : json(answer);
  },
};
