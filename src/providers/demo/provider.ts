/**
 * Decides: what the built-in provider is: always there, no key, no network, priced 0.
 * Never: fails, but where an answer would be larger than an isolate can hold; and never answers the same request in
 * two ways.
 */
import { isRecord } from "../../base/record.ts";
import { type LocalAnswer, nowhere, PLAIN, type Provider } from "../provider.ts";
import { demoChat } from "./chat.ts";
import { demoEmbeddings, tooMuchIn } from "./embeddings.ts";

const json = (body: unknown, status = 200): LocalAnswer => ({
  status,
  contentType: "application/json",
  text: JSON.stringify(body),
});

/** As OpenAI refuses a value. */
const refused = (param: string): LocalAnswer => {
  const message = `${param}: more than is given at once`;
  return json({ error: { message, type: "invalid_request_error", param, code: null } }, 400);
};

const embedded = (body: Record<string, unknown>): LocalAnswer => {
  const param = tooMuchIn(body);
  return param === undefined ? json(demoEmbeddings(body)) : refused(param);
};

export const demo: Provider = {
  baseUrl: undefined,
  needsKey: false,
  operations: new Set(["chat", "embeddings"]),
  quirks: { ...PLAIN, streamOptions: true },
  address: nowhere,
  local: (operation, text) => {
    const parsed = JSON.parse(text) as unknown;
    const body = isRecord(parsed) ? parsed : {};
    if (operation === "embeddings") return embedded(body);
    const answer = demoChat(body);
    return typeof answer === "string"
      ? { status: 200, contentType: "text/event-stream", text: answer }
      : json(answer);
  },
};
