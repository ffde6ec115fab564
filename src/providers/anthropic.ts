/**
 * Decides: how Anthropic is addressed. The base URL is the origin.
 * Never: knows the messages format; that is the dialect.
 */
import { join, PLAIN, type Provider } from "./provider.ts";

/** The only version of the API there has been since 2023; betas come in by `anthropic-beta`. */
const API_VERSION = "2023-06-01";

export const anthropic: Provider = {
  baseUrl: "https://api.anthropic.com",
  needsKey: true,
  operations: new Set(["chat", "count_tokens"]),
  quirks: PLAIN,
  address: (_target, base, operation, _stream, key) => ({
    url: join(base, operation === "count_tokens" ? "/v1/messages/count_tokens" : "/v1/messages"),
    headers: {
      "anthropic-version": API_VERSION,
      ...(key === undefined ? {} : { "x-api-key": key.reveal() }),
    },
  }),
};
