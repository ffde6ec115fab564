import { describe, expect, it } from "vitest";
import { errorOf, KEY, testDoor } from "./door.ts";

describe("an Ask", () => {
  it("carries what the pipeline needs and nothing that it must not have", async () => {
    const door = testDoor();
    await door.post(
      { model: "m", messages: [], user: "u" },
      {
        "x-request-id": "theirs",
        "anthropic-beta": "a,b",
        traceparent: "00-1-2-01",
        cookie: "session=1",
        "x-forwarded-for": "1.2.3.4",
        "x-api-key": KEY,
        "x-stainless-lang": "js",
      },
    );
    const [ask] = door.asks;
    expect(ask).toMatchObject({
      clientRequestId: "theirs",
      at: 1_000,
      endpoint: "chat",
      dialect: "openai-chat",
      forward: { "anthropic-beta": "a,b", traceparent: "00-1-2-01" },
      controls: { user: "u", tags: { project: "fixed" } },
    });
    expect(Object.keys(ask?.forward ?? {}).sort()).toEqual(["anthropic-beta", "traceparent"]);
    expect(ask?.requestId).toMatch(/^req_abcd1234_/);
    expect(ask?.caller.org).toBe("acme");
  });

  it.each(["caf\u00e9", "a\tb", "x".repeat(2_049)])(
    "F72 passes on no header that is not plain text: %j",
    async (value) => {
      const door = testDoor();
      await door.post({}, { "anthropic-beta": value, traceparent: "00-1-2-01" });
      expect(door.asks[0]?.forward).toEqual({ traceparent: "00-1-2-01" });
    },
  );

  it.each([
    ["/v1/messages", "messages", "anthropic-messages"],
    ["/v1/embeddings", "embeddings", "openai-chat"],
  ])("of %s says which door it came through", async (path, endpoint, dialect) => {
    const door = testDoor();
    await door.call(path, {
      method: "POST",
      headers: { "x-api-key": KEY, "content-type": "application/json" },
      body: "{}",
    });
    expect(door.asks[0]).toMatchObject({ endpoint, dialect });
  });

  it.each([
    [{ api_base: "http://evil.test" }, "api_base"],
    [{ base_url: "http://evil.test" }, "base_url"],
    [{ api_key: "sk" }, "api_key"],
    [{ headers: { authorization: "x" } }, "headers"],
    [{ extra_headers: {} }, "extra_headers"],
    [{ extra_body: { api_base: "x" } }, "extra_body"],
    [{ litellm_params: {} }, "litellm_params"],
    [{ custom_llm_provider: "x" }, "custom_llm_provider"],
    [{ metadata: { api_base: "x" } }, "metadata.api_base"],
    [{ provider: { base_url: "x" } }, "provider.base_url"],
    [{ headgate: { api_key: "x" } }, "headgate.api_key"],
  ])("with %j is refused", async (fields, param) => {
    const door = testDoor();
    const response = await door.post({ model: "m", messages: [], ...fields });
    expect(await errorOf(response)).toEqual({ status: 400, code: "unknown_field", param });
    expect(door.asks).toHaveLength(0);
  });

  it("of a tool that has such a parameter is taken", async () => {
    const door = testDoor();
    const parameters = { type: "object", properties: { api_key: { type: "string" }, headers: {} } };
    const tools = [{ type: "function", function: { name: "call", parameters } }];
    expect((await door.post({ model: "m", messages: [], tools })).status).toBe(200);
  });

  it.each(["a b", "x".repeat(129)])("keeps no client request id like %j", async (id) => {
    const door = testDoor();
    await door.post({}, { "x-request-id": id });
    expect(door.asks[0]?.clientRequestId).toBeUndefined();
  });
});

describe("a reply", () => {
  it("leaves with its status, its body and only listed headers", async () => {
    const door = testDoor({
      reply: {
        ok: true,
        status: 201,
        body: "data: x\n\n",
        headers: {
          "content-type": "text/event-stream",
          "x-headgate-model": "m",
          "x-ratelimit-limit-requests": "1",
          "server-timing": "auth;dur=1",
          "set-cookie": "a=b",
          server: "nginx",
          "x-powered-by": "x",
          authorization: "Bearer sk",
        },
      },
    });
    const response = await door.post({});
    expect(response.status).toBe(201);
    expect(await response.text()).toBe("data: x\n\n");
    expect([...response.headers.keys()].sort()).toEqual([
      "cache-control",
      "content-type",
      "server-timing",
      "x-content-type-options",
      "x-headgate-model",
      "x-ratelimit-limit-requests",
      "x-request-id",
    ]);
  });

  it("that failed keeps the facts known by then", async () => {
    const door = testDoor({
      reply: {
        ok: false,
        failure: { code: "upstream_error" },
        headers: { "x-headgate-attempts": "3", "set-cookie": "a=b" },
      },
    });
    const response = await door.post({});
    expect(response.headers.get("x-headgate-attempts")).toBe("3");
    expect(response.headers.has("set-cookie")).toBe(false);
    expect(await errorOf(response)).toMatchObject({ status: 502, code: "upstream_error" });
  });

  it("that failed on messages is written as Anthropic writes it", async () => {
    const door = testDoor({ reply: { ok: false, failure: { code: "shedding" }, headers: {} } });
    const response = await door.call("/v1/messages", {
      method: "POST",
      headers: { "x-api-key": KEY, "content-type": "application/json" },
      body: "{}",
    });
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({
      type: "error",
      error: { type: "overloaded_error", code: "shedding" },
      request_id: response.headers.get("x-request-id"),
    });
  });
});
