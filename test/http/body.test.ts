import { describe, expect, it } from "vitest";
import { readJsonBody } from "../../src/http/body.ts";
import type { Route } from "../../src/http/context.ts";
import { errorOf, KEY, testDoor } from "./door.ts";

const JSON_HEADERS = { authorization: `Bearer ${KEY}`, "content-type": "application/json" };

const post = (
  body: BodyInit | null,
  headers: Record<string, string> = JSON_HEADERS,
  door = testDoor(),
  path = "/v1/chat/completions",
) => door.call(path, { method: "POST", headers, body });

/** Bytes that a caller may rely on. */
const MAX_BODY = 8 * 1024 * 1024;
const MAX_BODY_WITH_IMAGES = 25 * 1024 * 1024;
/** Bytes past the limit that are still taken in, and a chunk. */
const GRACE = 5 * 1024 * 1024;

/** Counts what has been taken from it; never ends by itself before `total` bytes. */
const flood = (total: number) => {
  let given = 0;
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (given >= total) return controller.close();
        const chunk = new Uint8Array(64 * 1024).fill(0x20);
        given += chunk.byteLength;
        controller.enqueue(chunk);
      },
    },
    { highWaterMark: 0 },
  );
  return { stream, given: () => given };
};

describe("the type of a body", () => {
  it.each([
    ["application/json"],
    ["application/json; charset=utf-8"],
    ["Application/JSON"],
    ["application/json;charset=UTF-8"],
  ])("%s is taken", async (type) => {
    expect((await post("{}", { ...JSON_HEADERS, "content-type": type })).status).toBe(200);
  });

  it.each([
    ["application/x-www-form-urlencoded"],
    ["text/plain"],
    ["text/json"],
    ["application/jsonp"],
    ["application/json, text/plain"],
    [""],
  ])("%j is not", async (type) => {
    const response = await post("{}", { ...JSON_HEADERS, "content-type": type });
    expect(await errorOf(response)).toEqual({
      status: 415,
      code: "unsupported_media_type",
      param: "content-type",
    });
  });

  it("merge-patch+json is taken on PATCH and nowhere else", async () => {
    const headers = { ...JSON_HEADERS, "content-type": "application/merge-patch+json" };
    const handle: Route["handle"] = async (c) => Response.json((await readJsonBody(c)).ok);
    const routes = (["PATCH", "POST"] as const).map(
      (method): Route => ({
        method,
        path: "/x",
        auth: { class: "public" },
        errors: "openai",
        handle,
      }),
    );
    const door = testDoor({ routes });
    const taken = async (method: string): Promise<unknown> =>
      (await door.call("/x", { method, headers, body: "{}" })).json();
    expect([await taken("PATCH"), await taken("POST")]).toEqual([true, false]);
  });

  it("none at all is not taken", async () => {
    const body = new TextEncoder().encode("{}");
    const response = await post(body, { authorization: `Bearer ${KEY}` });
    expect(await errorOf(response)).toMatchObject({ status: 415, param: "content-type" });
  });

  it.each(["gzip", "br", "identity", ""])("Content-Encoding %j is refused", async (encoding) => {
    const response = await post("{}", { ...JSON_HEADERS, "content-encoding": encoding });
    expect(await errorOf(response)).toMatchObject({ status: 415, param: "content-encoding" });
  });
});

describe("the size of a body", () => {
  it.each([
    ["/v1/embeddings", MAX_BODY],
    ["/v1/chat/completions", MAX_BODY_WITH_IMAGES],
    ["/v1/messages", MAX_BODY_WITH_IMAGES],
  ])("on %s is at most %i bytes, counted while reading", async (path, max) => {
    const { stream, given } = flood(max * 2);
    const response = await post(stream, JSON_HEADERS, testDoor(), path);
    expect(response.status).toBe(413);
    expect(await response.text()).toContain("request_too_large");
    expect(given()).toBeLessThan(max + GRACE);
  });

  it("is told in the refusal", async () => {
    const { stream } = flood(MAX_BODY * 2);
    const response = await post(stream, JSON_HEADERS, testDoor(), "/v1/embeddings");
    expect(await response.json()).toMatchObject({ error: { details: { max_bytes: MAX_BODY } } });
  });

  it("is refused where Content-Length admits it, whatever comes then", async () => {
    const { stream, given } = flood(MAX_BODY_WITH_IMAGES * 2);
    const headers = { ...JSON_HEADERS, "content-length": String(MAX_BODY_WITH_IMAGES + 1) };
    expect((await post(stream, headers)).status).toBe(413);
    expect(given()).toBeLessThan(MAX_BODY_WITH_IMAGES + GRACE);
  });

  it("is refused soon where nothing of what is declared comes", async () => {
    const door = testDoor();
    const stalled = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => {}) });
    const headers = { ...JSON_HEADERS, "content-length": String(MAX_BODY_WITH_IMAGES + 1) };
    const response = post(stalled, headers, door);
    await expect.poll(() => door.timers.waiting()).toHaveLength(1);
    door.timers.fire();
    expect((await response).status).toBe(413);
  });

  // A client that is answered while it writes sees the connection break, and no answer.
  it("a little over the limit is taken in whole before it is refused", async () => {
    const { stream, given } = flood(MAX_BODY + 1024 * 1024);
    expect((await post(stream, JSON_HEADERS, testDoor(), "/v1/embeddings")).status).toBe(413);
    expect(given()).toBe(MAX_BODY + 1024 * 1024);
  });

  it.each(["nonsense", "-1", "0x10"])("is not believed of Content-Length %s", async (length) => {
    const { stream, given } = flood(MAX_BODY_WITH_IMAGES * 2);
    expect((await post(stream, { ...JSON_HEADERS, "content-length": length })).status).toBe(413);
    expect(given()).toBeLessThan(MAX_BODY_WITH_IMAGES + GRACE);
  });

  it("of exactly the limit is taken", async () => {
    const body = `{"input":"${"x".repeat(MAX_BODY - 12)}"}`;
    expect(body.length).toBe(MAX_BODY);
    expect((await post(body, JSON_HEADERS, testDoor(), "/v1/embeddings")).status).toBe(200);
    expect((await post(`${body} `, JSON_HEADERS, testDoor(), "/v1/embeddings")).status).toBe(413);
  });
});

describe("the form of a body", () => {
  it.each([
    ["", "invalid_json"],
    ["{", "invalid_json"],
    ["[]", "invalid_json"],
    ['{"a":1} x', "invalid_json"],
    ['{"model":"a","model":"b"}', "invalid_json"],
    ['{"tools":[{"constructor":1}]}', "invalid_json"],
    [`{"a":${"[".repeat(64)}${"]".repeat(64)}}`, "json_too_deep"],
    ["[".repeat(1_000_000), "json_too_deep"],
    [new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), "invalid_json"],
  ])("%# is refused as %s", async (body, code) => {
    expect(await errorOf(await post(body))).toMatchObject({ status: 400, code });
  });

  it("without a body is refused", async () => {
    expect(await errorOf(await post(null))).toMatchObject({ status: 400, code: "invalid_json" });
  });

  it("that is a chunked stream is read like any other", async () => {
    const door = testDoor();
    const text = '{"model":"é","messages":[]}';
    const bytes = new TextEncoder().encode(text);
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
        controller.close();
      },
    });
    expect((await post(stream, JSON_HEADERS, door)).status).toBe(200);
    expect(door.asks[0]?.body.text).toBe(text);
  });
});

describe("the time for a body", () => {
  it.each([
    ["with its length", { ...JSON_HEADERS, "content-length": "10" }],
    ["in chunks", JSON_HEADERS],
  ])("is bounded: one that stops %s is given up", async (_name, headers) => {
    const door = testDoor();
    const stalled = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new Uint8Array([0x7b])),
    });
    const response = post(stalled, headers, door);
    await expect.poll(() => door.timers.waiting()).toEqual([30_000]);
    door.timers.fire();
    expect(await errorOf(await response)).toMatchObject({ status: 408, code: "request_timeout" });
    expect((await response).headers.get("connection")).toBe("close");
    expect(door.asks).toHaveLength(0);
  });

  it("leaves no timer behind a body that arrived", async () => {
    const door = testDoor();
    await post("{}", JSON_HEADERS, door);
    expect(door.timers.waiting()).toEqual([]);
  });

  it("ends with a caller who breaks off", async () => {
    const broken = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.error(new Error("connection lost")),
    });
    expect(await errorOf(await post(broken))).toMatchObject({ status: 400, code: "invalid_json" });
  });
});
