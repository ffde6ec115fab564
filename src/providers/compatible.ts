/**
 * Decides: how an OpenAI-compatible server is addressed, and in what the look-alikes differ.
 * Never: contains a branch for one of them: a look-alike is one line in the table.
 */
import type { Secret } from "../base/secret.ts";
import { join, type Operation, PLAIN, type Provider, type Quirks } from "./provider.ts";

const PATHS: Readonly<Record<"chat" | "embeddings", string>> = {
  chat: "/chat/completions",
  embeddings: "/embeddings",
};

const OPERATIONS: ReadonlySet<Operation> = new Set(["chat", "embeddings"]);

const bearer = (key: Secret | undefined): Record<string, string> =>
  key === undefined ? {} : { authorization: `Bearer ${key.reveal()}` };

const compatible = (
  baseUrl: string | undefined,
  { needsKey = true, ...quirks }: Partial<Quirks> & { readonly needsKey?: boolean } = {},
): Provider => ({
  baseUrl,
  needsKey,
  operations: OPERATIONS,
  quirks: { ...PLAIN, streamOptions: true, ...quirks },
  address: (_target, base, operation, _stream, key) => ({
    url: join(base, PATHS[operation === "embeddings" ? "embeddings" : "chat"]),
    headers: bearer(key),
  }),
});

/** Mistral and DeepSeek go on from a last message that says that it is a beginning. */
const PREFIX = { message: { prefix: true }, body: {} };

/**
 * The base URL goes up to and with the version. A server of one's own (openai with a base_url, ollama,
 * vllm) may run without a key. Sources: each provider's API reference.
 */
export const COMPATIBLE = {
  openai: compatible("https://api.openai.com/v1", { needsKey: false, refusesThoughts: true }),
  // Ollama takes the newer name of the output cap and ignores it (ollama/ollama#7125).
  ollama: compatible(undefined, { needsKey: false, olderOutputCap: true }),
  vllm: compatible(undefined, {
    needsKey: false,
    prefill: {
      message: {},
      body: { continue_final_message: true, add_generation_prompt: false },
    },
  }),
  // Mistral reports usage on every stream and refuses fields that it does not know.
  mistral: compatible("https://api.mistral.ai/v1", {
    streamOptions: false,
    olderOutputCap: true,
    prefill: PREFIX,
    refusesThoughts: true,
  }),
  groq: compatible("https://api.groq.com/openai/v1"),
  deepseek: compatible("https://api.deepseek.com/v1", {
    olderOutputCap: true,
    prefill: PREFIX,
    extensions: new Set(["reasoning"]),
  }),
  together: compatible("https://api.together.xyz/v1", { olderOutputCap: true }),
  openrouter: compatible("https://openrouter.ai/api/v1", {
    extensions: new Set(["reasoning", "cache_control"]),
  }),
  xai: compatible("https://api.x.ai/v1"),
  fireworks: compatible("https://api.fireworks.ai/inference/v1"),
  cerebras: compatible("https://api.cerebras.ai/v1"),
} as const satisfies Record<string, Provider>;
