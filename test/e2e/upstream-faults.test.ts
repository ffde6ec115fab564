import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Journey, startJourney } from "../support/journey.ts";
import { TEXT } from "../support/upstream-answer.ts";
import { PROVIDERS } from "../support/upstream-config.ts";

/** What a provider may do and the caller never notices, in every dialect. */
const HARMLESS = [
  "bom",
  "crlf",
  "cr-only",
  "comments",
  "split-bytes-37",
  "gzip",
  "bad-json-event-10",
  "no-done",
  "status-500-once",
  "status-503-once",
  "reset-before-headers-once",
  "first-event-error-once",
];
const ENDLESS = ["comment-flood-9000000", "slow-loris-20"];

let journey: Journey;
beforeAll(async () => {
  const perCase = PROVIDERS.flatMap((provider) =>
    HARMLESS.flatMap((fault) => [`${fault}--${provider}`, `${fault}--${provider}-whole`]),
  );
  journey = await startJourney({
    models: [...perCase, ...ENDLESS, "huge-event-9000000", "gzip-bomb-200000000", "redirect"],
    config: {
      resilience: {
        max_retries: 1,
        recovery: "error",
        timeouts: { first_token_ms: 5_000, idle_ms: 300, total_ms: 5_000 },
      },
    },
  });
});
afterAll(() => journey?.dispose());

const messages = [{ role: "user" as const, content: "hi" }];
const CASES = PROVIDERS.flatMap((provider) => HARMLESS.map((fault) => ({ provider, fault })));

describe("what a caller never notices", () => {
  it.each(CASES)("$provider: $fault, streamed", async ({ provider, fault }) => {
    const stream = await journey.openai.chat.completions.create({
      model: `${provider}-${fault}--${provider}`,
      messages,
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks = await Array.fromAsync(stream);
    expect(chunks.map((chunk) => chunk.choices[0]?.delta?.content ?? "").join("")).toBe(TEXT);
    expect(chunks.at(-1)?.usage).toMatchObject({ prompt_tokens: 25, completion_tokens: 60 });
  });

  it.each(CASES)("$provider: $fault, whole", async ({ provider, fault }) => {
    const model = `${provider}-${fault}--${provider}-whole`;
    const answer = await journey.openai.chat.completions.create({ model, messages });
    expect(answer.choices[0]?.message.content).toBe(TEXT);
  });
});

const chat = (model: string, stream: boolean): Promise<Response> =>
  journey.post("/v1/chat/completions", { model, messages, stream });

describe.each(PROVIDERS)("what %s may not do", (provider) => {
  it("F17 one event above 8 MiB ends the stream with an error", async () => {
    const response = await chat(`${provider}-huge-event-9000000`, true);
    const text = await response.text();
    expect(text).toContain('"error"');
    expect(text).not.toContain("[DONE]");
    expect(text.length).toBeLessThan(9_000_000);
  });

  it.each(ENDLESS)("F17 F22 an event that never ends is given up: %s", async (fault) => {
    const response = await chat(`${provider}-${fault}`, true);
    const text = await response.text();
    expect(text).toContain('"error"');
    expect(text).not.toContain("[DONE]");
  });

  it("F23 an answer that inflates beyond measure is refused", async () => {
    const response = await chat(`${provider}-gzip-bomb-200000000`, false);
    expect(response.status).toBe(502);
    expect(await response.json()).toMatchObject({ error: { code: "upstream_invalid" } });
  });

  it("F19 a redirect is not followed, and is on record", async () => {
    const response = await chat(`${provider}-redirect`, false);
    expect(response.status).toBe(502);
    const database = await journey.gateway.miniflare.getD1Database("DB");
    const noted = () =>
      database.prepare("SELECT actor, target FROM audit WHERE action = 'upstream.redirect'").all();
    // Once a minute, whoever redirects.
    const rows = [{ actor: "gateway", target: journey.upstream.url }];
    await expect.poll(async () => (await noted()).results).toEqual(rows);
    expect(journey.upstream.requests.filter(({ path }) => path.startsWith("/internal"))).toEqual(
      [],
    );
  });
});
