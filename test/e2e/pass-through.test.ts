import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Journey, startJourney } from "../support/journey.ts";

const SHAPES = ["ok", "crlf", "cr-only", "comments", "split-bytes-7", "gzip"];

let journey: Journey;
beforeAll(async () => {
  journey = await startJourney({ models: [...SHAPES, "cookies"] });
});
afterAll(() => journey?.dispose());

const messages = [{ role: "user", content: "hi" }];

/** What the upstream sends for the same request without a gateway between. */
const direct = async (path: string, body: unknown): Promise<string> => {
  const init = { method: "POST", body: JSON.stringify(body) };
  return (await fetch(`${journey.upstream.url}${path}`, init)).text();
};

/** SSE events as text, whatever ends their lines. */
const eventsOf = (text: string): string[] => text.split(/(?<=\r\n\r\n|\n\n|\r\r)/);

describe.each(SHAPES)("a stream in its own dialect, sent as %s", (shape) => {
  it("leaves byte for byte as it came on /v1/messages", async () => {
    const body = { max_tokens: 100, messages, stream: true };
    const response = await journey.post("/v1/messages", { ...body, model: `anthropic-${shape}` });
    expect(response.headers.get("content-type")).toMatch(/^text\/event-stream/);
    expect(await response.text()).toBe(await direct("/v1/messages", { ...body, model: shape }));
  });

  it("leaves byte for byte on /v1/chat/completions, but for the usage chunk that nobody asked for", async () => {
    const body = { messages, stream: true };
    const response = await journey.post("/v1/chat/completions", {
      ...body,
      model: `openai-${shape}`,
    });
    const came = await direct("/v1/chat/completions", {
      ...body,
      model: shape,
      stream_options: { include_usage: true },
    });
    const expected = eventsOf(came).filter((event) => !event.includes('"usage":{'));
    expect(expected.length).toBeLessThan(eventsOf(came).length);
    // A comment before the usage chunk belongs to that chunk's text here, not on the wire.
    const isComment = (event: string): boolean => event.startsWith(":");
    const sent = eventsOf(await response.text());
    expect(sent.filter((event) => !isComment(event))).toEqual(
      expected.filter((event) => !isComment(event)),
    );
  });
});

describe("fields that the gateway has never heard of", () => {
  it("reach a provider of the same dialect, and nothing that is the gateway's own does", async () => {
    const unknown = { brand_new: { nested: [1, 2.5e-7, "x"] }, seed: 7, user: "u1" };
    const own = { headgate: { tags: { project: "search" } }, fallback_models: ["openai-ok"] };
    const body = { model: "openai-ok", messages, ...unknown, ...own };
    const response = await journey.post("/v1/chat/completions", body);
    expect(response.status).toBe(200);
    const sent = journey.upstream.to("ok").at(-1);
    expect(sent?.body).toMatchObject({ model: "ok", messages, ...unknown });
    expect(sent?.text).toContain("2.5e-7");
    expect(Object.keys(sent?.body ?? {})).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(headgate|fallback_models|models)$/)]),
    );
  });

  it("come back from it", async () => {
    const response = await journey.post("/v1/chat/completions", { model: "openai-ok", messages });
    expect(await response.json()).toMatchObject({ system_fingerprint: "fp_test", model: "ok" });
  });
});

describe("headers", () => {
  it("of the provider stay behind, and the gateway's own tell what happened", async () => {
    const model = "openai-cookies";
    const response = await journey.post("/v1/chat/completions", { model, messages });
    expect(JSON.stringify([...response.headers])).not.toMatch(/canary|req_upstream_test/);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "application/json",
      "x-request-id": expect.stringMatching(/\S/),
      "x-headgate-model": model,
      "x-headgate-provider": "openai",
      "x-headgate-route": "direct",
      "x-headgate-attempts": "1",
      // 25 tokens in and 60 out, at 1 and 2 dollars a million.
      "x-headgate-cost-usd": "0.000145",
      // This request passes the cache by; what adds the stages up finds each of them all the same.
      "server-timing": expect.stringMatching(
        /^auth;dur=\d+, admit;dur=\d+, cache;dur=0, route;dur=\d+, upstream;dur=\d+$/,
      ),
    });
  });

  it("of the caller stay behind too, but for the provider's own credential", async () => {
    await journey.post(
      "/v1/messages",
      { model: "anthropic-ok", messages, max_tokens: 9 },
      {
        cookie: "session=canary",
        "x-forwarded-for": "10.0.0.1",
        "anthropic-beta": "feature-2026",
      },
    );
    const headers = journey.upstream.to("ok").at(-1)?.headers;
    expect(headers?.["x-api-key"]).toBe("sk-test-anthropic");
    expect(headers?.["anthropic-beta"]).toBe("feature-2026");
    expect(headers?.["anthropic-version"]).toMatch(/^\d{4}-/);
    expect(JSON.stringify(headers)).not.toMatch(/canary|10\.0\.0\.1|hg_/);
  });
});

describe("GET /v1/models", () => {
  it("lists what the key may use, and tells of one", async () => {
    const { data } = await journey.openai.models.list();
    expect(data.map(({ id }) => id)).toEqual(expect.arrayContaining(["openai-ok", "gemini-ok"]));
    expect((await journey.openai.models.retrieve("gemini-ok")).id).toBe("gemini-ok");
  });
});
