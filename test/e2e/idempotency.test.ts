import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, type Journey, startJourney } from "../support/journey.ts";
import { PROVIDERS } from "../support/upstream-config.ts";

const SLOW = "ok-pace-50";
const ENDLESS = "ok-pace-100";
let journey: Journey;
beforeAll(async () => {
  journey = await startJourney({
    models: ["ok", SLOW, ENDLESS, "status-400", "slow-headers-1500", "flaky-2"],
    config: {
      resilience: {
        max_retries: 0,
        timeouts: { headers_ms: 5000, first_token_ms: 5000 },
        breaker: { enabled: false },
      },
    },
  });
});
afterAll(() => journey?.dispose());

let keys = 0;
const freshKey = (): string => {
  keys += 1;
  return `key-${keys}`;
};
const messages = [{ role: "user" as const, content: "hi" }];
const ask = (
  model: string,
  key: string,
  more: Record<string, unknown> = {},
  headers: Record<string, string> = {},
) =>
  journey.post(
    "/v1/chat/completions",
    { model, messages, ...more },
    { "idempotency-key": key, ...headers },
  );
const asked = (model: string): number => journey.upstream.to(model).length;

describe.each(PROVIDERS)("an Idempotency-Key with %s", (provider) => {
  it("brings the same answer to the byte, whole or streamed", async () => {
    for (const stream of [false, true]) {
      const key = freshKey();
      const before = asked("ok");
      const first = await ask(`${provider}-ok`, key, { stream });
      const said = await first.text();
      const again = await ask(`${provider}-ok`, key, { stream });
      expect([again.status, await again.text()]).toEqual([200, said]);
      expect(again.headers.get("idempotent-replayed")).toBe("true");
      expect(again.headers.get("content-type")).toBe(first.headers.get("content-type"));
      expect(first.headers.get("idempotent-replayed")).toBeNull();
      expect(asked("ok")).toBe(before + 1);
    }
  });
});

describe("an Idempotency-Key", () => {
  it("F39 lets one of 1,000 through", async () => {
    const key = freshKey();
    const before = asked("slow-headers-1500");
    const replies = await Promise.all(
      Array.from({ length: 1_000 }, () => ask("openai-slow-headers-1500", key)),
    );
    const statuses = replies.map(({ status }) => status);
    await Promise.all(replies.map((reply) => reply.text()));
    expect(statuses.filter((status) => status !== 200 && status !== 409)).toEqual([]);
    expect(asked("slow-headers-1500")).toBe(before + 1);
  });

  it("F40 refuses another body", async () => {
    const key = freshKey();
    await (await ask("openai-ok", key)).text();
    const other = await ask("openai-ok", key, { temperature: 0.3 });
    expect([other.status, await other.json()]).toMatchObject([
      422,
      { error: { code: "idempotency_key_reused" } },
    ]);
  });

  it("F41 tells a duplicate of a stream to wait, and how long", async () => {
    const key = freshKey();
    const first = await ask(`openai-${SLOW}`, key, { stream: true });
    const during = await ask(`openai-${SLOW}`, key, { stream: true });
    expect(during.status).toBe(409);
    expect(during.headers.get("retry-after")).toBe("2");
    expect(Number(during.headers.get("retry-after-ms"))).toBeGreaterThanOrEqual(2_000);
    const said = await first.text();
    expect(await (await ask(`openai-${SLOW}`, key, { stream: true })).text()).toBe(said);
  });

  it("lets a duplicate that prefers to wait follow the stream live", async () => {
    const key = freshKey();
    const before = asked(SLOW);
    const first = await ask(`openai-${SLOW}`, key, { stream: true });
    const follower = await ask(`openai-${SLOW}`, key, { stream: true }, { prefer: "wait=10" });
    expect(follower.headers.get("idempotent-replayed")).toBe("true");
    let pieces = 0;
    let text = "";
    const decoder = new TextDecoder();
    const reading = first.text();
    for await (const piece of follower.body ?? []) {
      pieces += 1;
      text += decoder.decode(piece as Uint8Array, { stream: true });
    }
    expect(text).toBe(await reading);
    expect(pieces).toBeGreaterThan(2);
    expect(asked(SLOW)).toBe(before + 1);
  });

  it("lets a duplicate that prefers to wait have the whole answer", async () => {
    const key = freshKey();
    const before = asked("slow-headers-1500");
    const [first, second] = await Promise.all([
      ask("openai-slow-headers-1500", key),
      ask("openai-slow-headers-1500", key, {}, { prefer: "wait=10" }),
    ]);
    const texts = [await first.text(), await second.text()];
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(texts[0]).toBe(texts[1]);
    expect(asked("slow-headers-1500")).toBe(before + 1);
  });

  it("is free after a failure that cost nothing", async () => {
    const key = freshKey();
    const first = await ask("openai-flaky-2", key);
    const second = await ask("openai-flaky-2", key);
    expect([first.status, second.status]).toEqual([502, 200]);
  });

  it("keeps a provider's 400", async () => {
    const key = freshKey();
    const first = await ask("openai-status-400", key);
    const second = await ask("openai-status-400", key);
    expect([first.status, second.status]).toEqual([400, 400]);
    expect(await second.text()).toBe(await first.text());
    expect(second.headers.get("x-should-retry")).toBe("false");
    expect(asked("status-400")).toBe(1);
  });

  it("keeps an error when the caller left after the first content", async () => {
    const key = freshKey();
    const caller = new AbortController();
    const response = await fetch(`${journey.gateway.url}/v1/chat/completions`, {
      method: "POST",
      signal: caller.signal,
      headers: {
        authorization: `Bearer ${journey.key}`,
        "content-type": "application/json",
        "idempotency-key": key,
      },
      body: JSON.stringify({ model: `openai-${ENDLESS}`, messages, stream: true }),
    });
    const reader = response.body?.getReader();
    await reader?.read();
    caller.abort();
    await eventually(() => journey.upstream.to(ENDLESS).at(-1)?.abortedAt !== undefined);
    const codes: unknown[] = [];
    let again: Response;
    do {
      await new Promise((done) => setTimeout(done, 50));
      again = await ask(`openai-${ENDLESS}`, key, { stream: true });
      codes.push(((await again.json()) as { error: { code: string } }).error.code);
    } while (codes.at(-1) === "idempotency_in_progress" && codes.length < 100);
    expect([again.status, codes.at(-1)]).toEqual([409, "idempotency_outcome_unknown"]);
    expect(again.headers.get("x-should-retry")).toBe("false");
  });

  it.each([
    ["/v1/messages", { model: "anthropic-ok", messages, max_tokens: 20 }],
    ["/v1/embeddings", { model: "openai-ok", input: "hi" }],
  ])("works on %s, and is that endpoint's alone", async (path, body) => {
    const key = freshKey();
    const post = (to: string) => journey.post(to, body, { "idempotency-key": key });
    const before = journey.upstream.requests.length;
    const [first, second] = [await post(path), await post(path)];
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(await second.text()).toBe(await first.text());
    expect(second.headers.get("idempotent-replayed")).toBe("true");
    expect(journey.upstream.requests.length).toBe(before + 1);
    expect((await post("/v1/chat/completions")).status).toBe(422);
  });
});
