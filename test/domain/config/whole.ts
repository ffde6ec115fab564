/**
 * Decides: one configuration in which every field of config.md stands once, with a valid value.
 * Never: is shared between tests: each call gives a fresh copy to alter.
 */

const timeouts = () => ({
  headers_ms: 1,
  first_token_ms: 2,
  idle_ms: 3,
  response_ms: 4,
  total_ms: 3_600_000,
});

export const wholeConfig = () => ({
  default_model: "big",
  providers: {
    main: {
      kind: "openai",
      base_url: "https://api.example.com/v1",
      api_key: [{ secret: "FIRST_KEY" }, { secret: "SECOND_KEY" }],
      headers: { "openai-organization": "org-1" },
      timeouts: timeouts(),
      max_retries: 0,
    },
  },
  models: {
    big: {
      provider: "main",
      upstream: "@cf/meta/llama-3.1-8b-instruct",
      price: {
        input: 2.5,
        output: 10,
        cache_read: 1.25,
        cache_write: 3,
        cache_write_1h: 4,
        reasoning: 10,
        audio_input: 40,
        audio_output: 80,
        image: 0.04,
        request: 0.001,
        above: { tokens: 200_000, input: 5, output: 15 },
      },
      context: 128_000,
      max_output: 16_384,
      capabilities: [
        "tools",
        "vision",
        "json",
        "code",
        "audio",
        "reasoning",
        "prefill",
        "embeddings",
      ],
      tier: "complex",
      region: "eu",
      limits: [{ unit: "requests", per: "minute", max: 500, share: 0.5 }],
      timeouts: timeouts(),
      max_retries: 10,
    },
    small: { provider: "main" },
  },
  routes: {
    spread: {
      strategy: "weighted",
      models: ["big", { model: "small", weight: 0.5 }, "*"],
      require: ["tools"],
    },
    clever: {
      strategy: "complexity",
      tiers: { simple: ["small"], moderate: ["small"], complex: ["big"] },
      thresholds: { moderate: 0.3, complex: 0.7 },
      signals: { code: 1.5 },
    },
  },
  fallbacks: { big: ["small", "clever"], "*": ["small"] },
  canaries: [{ id: "c1", baseline: "big", candidate: "clever", percent: 12.5, sticky: "user" }],
  policy: {
    limits: {
      mode: "off",
      soft: 0.8,
      reserve: "balanced",
      store_down: "open_local",
      budget_status: 429,
      rules: [
        { unit: "requests", per: "minute", max: 100, kind: "bucket", burst: 10, level: "key" },
        { unit: "requests", per: "hour", max: 5, kind: "leaky", max_wait_ms: 500, store: "object" },
        { unit: "usd", per: "month", max: 0.5, kind: "calendar", timezone: "Europe/Berlin" },
        { unit: "tokens", per: "day", max: 0, level: "tag:project" },
        {
          unit: "concurrent",
          max: 4,
          when: { stream: true, models: ["big*"], endpoints: ["chat", "messages"] },
        },
        { unit: "usd", per: "hour", max: 2.5, kind: "bucket", burst: 0.5 },
      ],
    },
    models: { allow: ["*"], deny: ["secret-*"] },
    tags: { required: ["project"] },
    routing: {
      mode: "off",
      locked: true,
      budget: { alert: 0.5, hard: 0.9, middle: ["small"], cheapest: ["clever"] },
    },
    cache: {
      mode: "off",
      locked: false,
      scope: "user",
      when: "always",
      ttl: 60,
      models: ["big"],
      semantic: {
        mode: "off",
        embedder: "small",
        index: "vectorize",
        threshold: 0.9,
        max_error: 0.02,
        verify: 0.1,
        ttl: 30,
        max_entries: 5,
      },
    },
    guards: { pii: { mode: "off" }, injection: { mode: "off" }, secrets: { mode: "off" } },
    audit: { mode: "off", body: "encrypted", days: 30 },
  },
  resilience: {
    timeouts: timeouts(),
    max_retries: 2,
    breaker: {
      enabled: true,
      volume: 20,
      failure_rate: 0.5,
      slow_rate: 1,
      consecutive: 5,
      open_ms: 15_000,
      max_open_ms: 15_000,
    },
    hedge: { enabled: false, after: "p95" },
    recovery: "hold",
    fallback_on: ["content_filter", "invalid_request"],
  },
  alerts: { webhooks: [{ url: "https://hooks.example.com/x?y=1", secret: { secret: "HOOK" } }] },
});

/** A copy of the whole configuration in which `path` holds `value`; undefined removes the field. */
export function withValue(path: string, value: unknown): unknown {
  const document: unknown = wholeConfig();
  const keys = path.split(/\.|\[(\d+)\]/).filter((key) => key !== undefined && key !== "");
  const last = keys.pop() ?? "";
  const holder = keys.reduce<unknown>((at, key) => Reflect.get(Object(at), key), document);
  if (value === undefined) Reflect.deleteProperty(Object(holder), last);
  else Reflect.set(Object(holder), last, value);
  return document;
}
