import { describe, expect, it } from "vitest";
import { Secret } from "../../src/base/secret.ts";
import { BREAKER } from "../../src/domain/config/defaults.ts";
import type { ProviderKind, Target } from "../../src/domain/target.ts";
import { PROVIDERS } from "../../src/providers/index.ts";

const KEY = "canary-key-value";
const target = (kind: ProviderKind, upstream = "model-1"): Target => ({
  model: "m",
  provider: "p",
  kind,
  dialect: "openai-chat",
  upstream,
  baseUrl: undefined,
  credentials: [],
  headers: {},
  timeouts: { headers_ms: 1, first_token_ms: 1, idle_ms: 1, response_ms: 1, total_ms: 1 },
  maxRetries: 2,
  price: undefined,
  context: undefined,
  maxOutput: undefined,
  capabilities: new Set(),
  tier: undefined,
  region: undefined,
  breaker: BREAKER,
  limits: [],
});

const networked = (Object.keys(PROVIDERS) as ProviderKind[]).filter(
  (kind) => PROVIDERS[kind].local === undefined && PROVIDERS[kind].binding === undefined,
);

describe.each(networked)("%s", (kind) => {
  const provider = PROVIDERS[kind];
  const base = provider.baseUrl ?? "http://127.0.0.1:1234/v1";

  it.each([...provider.operations])(
    "puts the key into a header for %s, never into the address",
    (operation) => {
      const { url, headers } = provider.address(
        target(kind),
        base,
        operation,
        true,
        new Secret(KEY),
      );
      expect(url).not.toContain(KEY);
      expect(Object.values(headers).join()).toContain(KEY);
    },
  );

  it("sends no key header where there is no key", () => {
    const { headers } = provider.address(target(kind), base, "chat", false, undefined);
    expect(Object.keys(headers).filter((name) => name !== "anthropic-version")).toEqual([]);
  });

  it("joins a base URL that ends in a slash without doubling it", () => {
    const { url } = provider.address(target(kind), `${base}/`, "chat", false, undefined);
    expect(new URL(url).pathname).not.toContain("//");
  });

  it("keeps a model's name within its own part of the path", () => {
    const { url } = provider.address(target(kind, "../x?y#z"), base, "chat", false, undefined);
    const plain = provider.address(target(kind), base, "chat", false, undefined);
    expect(new URL(url).hash).toBe("");
    expect(new URL(url).pathname.split("/").slice(0, 3)).toEqual(
      new URL(plain.url).pathname.split("/").slice(0, 3),
    );
    expect(new URL(url).search).toBe(new URL(plain.url).search);
    expect(new URL(url).origin).toBe(new URL(plain.url).origin);
  });
});

describe("the addresses", () => {
  it.each([
    ["openai", "chat", false, "https://api.openai.com/v1/chat/completions"],
    ["openai", "embeddings", false, "https://api.openai.com/v1/embeddings"],
    ["anthropic", "chat", true, "https://api.anthropic.com/v1/messages"],
    ["anthropic", "count_tokens", false, "https://api.anthropic.com/v1/messages/count_tokens"],
    [
      "gemini",
      "chat",
      true,
      "https://generativelanguage.googleapis.com/v1beta/models/model-1:streamGenerateContent?alt=sse",
    ],
    [
      "gemini",
      "embeddings",
      false,
      "https://generativelanguage.googleapis.com/v1beta/models/model-1:batchEmbedContents",
    ],
    ["groq", "chat", false, "https://api.groq.com/openai/v1/chat/completions"],
  ] as const)("%s %s (stream: %s) is %s", (kind, operation, stream, expected) => {
    const { baseUrl, address } = PROVIDERS[kind];
    expect(address(target(kind), baseUrl ?? "", operation, stream, undefined).url).toBe(expected);
  });
});
