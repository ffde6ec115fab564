import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, type Journey, startJourney } from "../support/journey.ts";
import { PROVIDERS } from "../support/upstream-config.ts";

const ENDLESS = "ok-pace-50";
const WAITS = [
  { fault: "silent", stream: true, phase: "headers" },
  { fault: "headers-then-silent", stream: true, phase: "first_token" },
  { fault: "silent", stream: false, phase: "response" },
] as const;

let journey: Journey;
beforeAll(async () => {
  const timeouts = { headers_ms: 300, first_token_ms: 600, idle_ms: 5_000, response_ms: 300 };
  journey = await startJourney({
    models: [ENDLESS, ...WAITS.map(({ fault }) => fault), "ok-pace-100"],
    config: { resilience: { max_retries: 2, timeouts } },
  });
});
afterAll(() => journey?.dispose());

const messages = [{ role: "user" as const, content: "hi" }];

/** Requests for the model that one provider got; the paths tell them apart. */
const requests = (model: string, provider: string) =>
  journey.upstream
    .to(model)
    .filter(({ path }) =>
      path.startsWith(
        { openai: "/v1/chat", anthropic: "/v1/messages", gemini: "/v1beta" }[provider] ?? "",
      ),
    );

describe.each(PROVIDERS)("F29 a caller who leaves a stream of %s", (provider) => {
  const model = `${provider}-${ENDLESS}`;

  it("through the openai client closes it upstream within a second", async () => {
    const stream = await journey.openai.chat.completions.create({ model, messages, stream: true });
    let left = 0;
    for await (const chunk of stream) {
      if (!chunk.choices[0]?.delta.content) continue;
      left = Date.now();
      break;
    }
    const received = requests(ENDLESS, provider).at(-1);
    await eventually(() => received?.abortedAt !== undefined);
    expect((received?.abortedAt ?? 0) - left).toBeLessThan(1_000);
  });

  it("through the Anthropic client closes it upstream within a second", async () => {
    const stream = journey.anthropic.messages.stream({ model, messages, max_tokens: 100 });
    let left = 0;
    for await (const event of stream) {
      if (event.type !== "content_block_delta") continue;
      left = Date.now();
      break;
    }
    stream.abort();
    const received = requests(ENDLESS, provider).at(-1);
    await eventually(() => received?.abortedAt !== undefined);
    expect((received?.abortedAt ?? 0) - left).toBeLessThan(1_000);
  });
});

describe.each(PROVIDERS)("F2 F3 a provider that keeps %s waiting", (provider) => {
  it.each(WAITS)("is given up: $fault, stream: $stream, phase $phase", async (row) => {
    const model = `${provider}-${row.fault}`;
    const before = requests(row.fault, provider).length;
    const body = { model, messages, stream: row.stream };
    const response = await journey.post("/v1/chat/completions", body);
    expect(response.status).toBe(504);
    expect(await response.json()).toMatchObject({
      error: { code: "upstream_timeout", details: { phase: row.phase }, source: "upstream" },
    });
    // A silent target is not repeated.
    expect(requests(row.fault, provider).length - before).toBe(1);
    const received = requests(row.fault, provider).at(-1);
    await eventually(() => received?.abortedAt !== undefined);
  });

  it("F5 is given up in mid-stream when the caller's own deadline passes", async () => {
    const model = `${provider}-ok-pace-100`;
    const body = { model, messages, stream: true };
    const deadline = { "x-headgate-timeout": "800" };
    const response = await journey.post("/v1/chat/completions", body, deadline);
    expect(response.status).toBe(200);
    const text = await response.text();
    const { error } = JSON.parse(text.trimEnd().split("data: ").at(-1) ?? "");
    expect(error).toMatchObject({ code: "stream_interrupted", details: { phase: "total" } });
    expect(text).not.toContain("[DONE]");
    const received = requests("ok-pace-100", provider).at(-1);
    await eventually(() => received?.abortedAt !== undefined);
  });
});
