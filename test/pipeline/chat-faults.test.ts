import { describe, expect, it } from "vitest";
import { chat } from "../../src/pipeline/chat.ts";
import type { TargetHealth } from "../../src/policy/routing/health.ts";
import type { Deps } from "../../src/ports.ts";
import { settle } from "../support/clock.ts";
import { askFor, chunks, createStage, DONE, type Played, textOf } from "../support/pipeline.ts";

const timeouts = {
  headers_ms: 100,
  first_token_ms: 200,
  idle_ms: 300,
  response_ms: 400,
  total_ms: 5000,
};
const config = {
  providers: {
    a: {
      kind: "openai",
      base_url: "https://a.example/v1",
      api_key: [{ secret: "A1" }, { secret: "A2" }],
    },
    b: { kind: "openai", base_url: "https://b.example/v1" },
  },
  models: { one: { provider: "a" }, two: { provider: "b" } },
  fallbacks: { one: ["two"] },
  resilience: { timeouts },
};
const secrets = { A1: "key-one", A2: "key-two" };
const messages = [{ role: "user", content: "hi" }];
const good = (text: string): Played => ({
  body: JSON.stringify({
    id: "c",
    object: "chat.completion",
    created: 1,
    model: "m",
    choices: [{ index: 0, message: { role: "assistant", content: text }, finish_reason: "stop" }],
  }),
});
const fault = (status: number, code = "x", headers = {}): Played => ({
  status,
  headers,
  body: JSON.stringify({ error: { message: "upstream's own words", type: "t", code } }),
});
const atA = (url: string): boolean => url.startsWith("https://a.");

describe("a fault before the first content", () => {
  it.each([
    ["a connection refused", "unreachable" as Played],
    ["500 always", fault(500)],
    ["a page instead of JSON", { type: "text/html", body: "<html>" } satisfies Played],
    [
      "a redirect",
      { status: 302, body: "", headers: { location: "http://10.0.0.1" } } satisfies Played,
    ],
    [
      "an error inside a 200",
      { body: JSON.stringify({ error: { message: "no" } }) } satisfies Played,
    ],
    ["an empty object", { body: "{}" } satisfies Played],
    ["no headers", "silent" as Played],
  ])("is invisible to the caller: %s", async (_name, played) => {
    const stage = createStage(config, ({ url }) => (atA(url) ? played : good("from two")), secrets);
    const asked = chat(stage.deps, askFor(stage, { model: "one", messages }));
    await stage.clock.advance(4000);
    const reply = await asked;
    expect(reply.ok && (await textOf(reply.body))).toContain("from two");
    expect(reply.headers).toMatchObject({
      "x-headgate-model": "two",
      "x-headgate-fallback-from": "one",
    });
  });

  // It was not in the plan any more, and whoever served seemed to be whom the caller had named.
  it("is told also where it was that of an earlier request, and nobody asks meanwhile", async () => {
    const stage = createStage(config, () => good("from two"), secrets);
    const { deps, clock, records } = stage;
    const down = { state: "throttled", until: clock.now() + 60_000, ramp: 1 };
    const health: Deps["health"] = {
      ...deps.health,
      view: ({ model }) => (model === "one" ? (down as TargetHealth) : undefined),
    };
    const asked = chat({ ...deps, health }, askFor(stage, { model: "one", messages }));
    await clock.advance(10);
    expect((await asked).headers).toMatchObject({
      "x-headgate-model": "two",
      "x-headgate-attempts": "1",
      "x-headgate-fallback-from": "one",
    });
    expect(records[0]).toMatchObject({ fallback_from: "one" });
  });

  it.each([
    ["headers", "silent" as Played, true],
    [
      "first_token",
      { type: "text/event-stream", body: [": ping\n\n", "hang"] } satisfies Played,
      true,
    ],
    ["response", "silent" as Played, false],
  ])("is a 504 that names the phase %s when nobody else is left", async (phase, played, stream) => {
    const stage = createStage(config, () => played, secrets);
    const asked = chat(stage.deps, askFor(stage, { model: "two", messages, stream }));
    await stage.clock.advance(1000);
    expect(await asked).toMatchObject({
      ok: false,
      failure: { code: "upstream_timeout", details: { phase } },
    });
    expect(stage.sent).toHaveLength(1);
    expect(stage.aborted).toHaveLength(1);
  });

  it("repeats a 500 on the same target first", async () => {
    const stage = createStage(config, (_, n) => (n === 1 ? fault(500) : good("again")), secrets);
    const asked = chat(stage.deps, askFor(stage, { model: "one", messages }));
    await stage.clock.advance(3000);
    expect((await asked).headers).toMatchObject({
      "x-headgate-model": "one",
      "x-headgate-attempts": "2",
    });
  });

  it("waits as long as the provider asked before the repeat", async () => {
    const limited = fault(429, "rate_limit_exceeded", { "retry-after": "2" });
    const stage = createStage(config, (_, n) => (n === 1 ? limited : good("later")), secrets);
    const asked = chat(stage.deps, askFor(stage, { model: "one", messages }));
    await stage.clock.advance(1900);
    expect(stage.sent).toHaveLength(1);
    await stage.clock.advance(500);
    expect((await asked).headers).toMatchObject({ "x-headgate-model": "one" });
  });

  it("takes the next credential when one is refused", async () => {
    const stage = createStage(
      config,
      ({ headers }) => (headers["authorization"] === "Bearer key-one" ? fault(401) : good("ok")),
      secrets,
    );
    const reply = await chat(stage.deps, askFor(stage, { model: "one", messages }));
    expect(reply.headers).toMatchObject({ "x-headgate-model": "one", "x-headgate-attempts": "2" });
  });

  it("repeats at most twice a request, and asks each target", async () => {
    const stage = createStage(config, () => fault(503), secrets);
    const asked = chat(stage.deps, askFor(stage, { model: "one", messages }));
    await stage.clock.advance(5000);
    expect(await asked).toMatchObject({ ok: false, failure: { code: "upstream_error" } });
    expect(stage.sent.map(({ url }) => atA(url))).toEqual([true, true, true, false]);
  });

  it("does not multiply the repeats of an SDK that repeats by itself", async () => {
    const stage = createStage(config, () => fault(503), secrets);
    await chat(
      stage.deps,
      askFor(stage, { model: "one", messages }, { wishes: { clientRetries: 1 } }),
    );
    expect(stage.sent).toHaveLength(2);
  });

  it("tells the caller's own fault at once, in the gateway's words", async () => {
    const stage = createStage(config, () => fault(400, "invalid_value"), secrets);
    const reply = await chat(stage.deps, askFor(stage, { model: "one", messages }));
    expect(reply).toMatchObject({
      ok: false,
      failure: { code: "invalid_parameter", source: "upstream" },
    });
    expect(stage.sent).toHaveLength(1);
    expect(JSON.stringify(reply)).not.toContain("own words");
  });

  it("is not routed round when the caller forbids it", async () => {
    const stage = createStage(config, () => "unreachable", secrets);
    const asked = chat(
      stage.deps,
      askFor(stage, { model: "one", messages }, { wishes: { fallback: "none" } }),
    );
    await stage.clock.advance(5000);
    expect(await asked).toMatchObject({ ok: false, failure: { code: "upstream_unreachable" } });
    expect(stage.sent.every(({ url }) => atA(url))).toBe(true);
  });

  it("ends at the caller's own deadline", async () => {
    const stage = createStage(config, () => "silent", secrets);
    const asked = chat(
      stage.deps,
      askFor(stage, { model: "one", messages }, { wishes: { timeoutMs: 50 } }),
    );
    await stage.clock.advance(60);
    expect(await asked).toMatchObject({
      failure: { code: "upstream_timeout", details: { phase: "total" } },
    });
  });
});

describe("a fault after the first content", () => {
  const begun = chunks({ role: "assistant" }, { content: "hel" });
  const frames = (...body: (string | number | "cut" | "hang")[]): Played => ({
    type: "text/event-stream",
    body,
  });

  it.each([
    ["a connection cut", frames(begun, "cut"), undefined],
    ["an end without a finish", frames(begun), undefined],
    ["half an event", frames(begun, 'data: {"choices":[{"del'), undefined],
    ["silence", frames(begun, "hang"), "idle"],
    [
      "an error event",
      frames(begun, `data: ${JSON.stringify({ error: { message: "own words" } })}\n\n`),
      undefined,
    ],
  ])("ends in an error frame and never as a success: %s", async (_name, played, phase) => {
    const stage = createStage(config, () => played, secrets);
    const reply = await chat(stage.deps, askFor(stage, { model: "two", messages, stream: true }));
    const reading = reply.ok ? textOf(reply.body) : Promise.resolve("");
    await stage.clock.advance(1000);
    const text = await reading;
    expect(text.startsWith(begun)).toBe(true);
    const last = JSON.parse(text.slice(begun.length).replace("data: ", ""));
    expect(last.error).toMatchObject({ code: "stream_interrupted", request_id: "req_test" });
    expect(last.error.details?.phase).toBe(phase);
    expect(text).not.toContain("[DONE]");
    expect(text).not.toContain("own words");
    expect(stage.records[0]).toMatchObject({ error_code: "stream_interrupted" });
  });

  it("finalises a complete answer whose provider then falls silent", async () => {
    const stage = createStage(
      config,
      () => frames(begun, chunks({ finish: "stop" }), "hang"),
      secrets,
    );
    const reply = await chat(stage.deps, askFor(stage, { model: "two", messages, stream: true }));
    const reading = reply.ok ? textOf(reply.body) : Promise.resolve("");
    await stage.clock.advance(3000);
    expect(await reading).toBe(begun + chunks({ finish: "stop" }) + DONE);
  });

  it("drops the upstream when the caller leaves", async () => {
    const stage = createStage(config, () => frames(begun, "hang"), secrets);
    const caller = new AbortController();
    await chat(
      stage.deps,
      askFor(stage, { model: "two", messages, stream: true }, { signal: caller.signal }),
    );
    caller.abort();
    await settle();
    expect(stage.aborted).toHaveLength(1);
    expect(stage.records[0]).toMatchObject({ status: 499 });
  });
});
