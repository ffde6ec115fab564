import net from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Gateway, startGateway } from "../support/gateway.ts";

let gateway: Gateway;
let key: string;
let host: string;
beforeAll(async () => {
  gateway = await startGateway();
  host = new URL(gateway.url).host;
  await gateway.makeOrg("raw");
  key = await gateway.makeKey("raw");
});
afterAll(() => gateway?.dispose());

type Raw = { readonly status: number; readonly code: string | undefined; readonly answers: number };

/** Sends bytes as they are and reads until the server closes. */
const raw = (text: string): Promise<Raw> =>
  new Promise((resolve) => {
    let received = "";
    const socket = net.connect(Number(new URL(gateway.url).port), "127.0.0.1");
    socket.setEncoding("latin1");
    socket.on("data", (data) => {
      received += data;
    });
    socket.on("error", () => {});
    socket.on("close", () =>
      resolve({
        status: Number(/^HTTP\/1\.[01] (\d+)/.exec(received)?.[1]),
        code: /"code":"(\w+)"/.exec(received)?.[1],
        answers: received.split("HTTP/1.").length - 1,
      }),
    );
    socket.write(text, "latin1");
  });

const get = (target: string, headers = `Host: ${host}\r\n`): Promise<Raw> =>
  raw(`GET ${target} HTTP/1.1\r\n${headers}Connection: close\r\n\r\n`);

const CHAT = JSON.stringify({ model: "demo", messages: [{ role: "user", content: "hello" }] });
const CHUNKED = `${CHAT.length.toString(16)}\r\n${CHAT}\r\n0\r\n\r\n`;

/** `headers` and `body` as they are, on a chat request with a key. */
const post = (headers: readonly string[], body: string): Promise<Raw> =>
  raw(
    [
      "POST /v1/chat/completions HTTP/1.1",
      `Host: ${host}`,
      `Authorization: Bearer ${key}`,
      "Content-Type: application/json",
      "Connection: close",
      ...headers,
      "",
      body,
    ].join("\r\n"),
  );

describe("a raw path", () => {
  it.each([
    "//admin/v1/config",
    "//healthz",
    "/v1/../admin/v1/config",
    "/./healthz",
    "/%2e%2e/admin",
    "/v1%2fmodels",
    "/v1%5Cmodels",
    "/v1\\models",
    "/healthz%00",
    "/healthz/",
    "http://evil.test/v1/../healthz",
    "http://evil.test//healthz",
  ])("%j is refused before it is routed", async (target) => {
    expect(await get(target)).toMatchObject({ status: 400, code: "non_canonical_path" });
  });

  it.each(["/h\u0001", "/h\u00e9", "/a b"])(
    "%j does not get as far as the gateway",
    async (target) => {
      // The runtime's own refusal has no error of ours.
      expect(await get(target)).toMatchObject({ status: 400, code: undefined });
    },
  );

  it("is not confused with its query", async () => {
    expect(await get("/healthz?x=/../%2f//")).toMatchObject({ status: 200 });
  });
});

describe("a raw Host header", () => {
  it.each(["h/healthz?x=", "h/admin/v1/config?x=", "h/#@x", "user@h", "h?x", "a b", "a,b"])(
    "%j is refused before it is routed",
    async (value) => {
      const answer = await get("/v1/models", `Host: ${value}\r\n`);
      expect(answer).toMatchObject({ status: 400, code: "invalid_host" });
    },
  );

  it.each(["", "Host: \r\n", "Host: a\r\nHost: b\r\n"])("%j is refused", async (headers) => {
    expect(await get("/healthz", headers)).toMatchObject({ status: 400, answers: 1 });
  });

  it.each(["localhost", "gateway.example:8787", "[::1]:80"])("%s is served", async (value) => {
    expect(await get("/healthz", `Host: ${value}\r\n`)).toMatchObject({ status: 200 });
  });
});

describe("a raw message", () => {
  it.each([
    ["two lengths", ["Content-Length: 5", `Content-Length: ${CHAT.length}`], CHAT],
    ["a negative length", ["Content-Length: -5"], CHAT],
    ["an unknown transfer coding", ["Transfer-Encoding: xchunked"], CHUNKED],
    ["a folded header", ["X-A: b", " c", `Content-Length: ${CHAT.length}`], CHAT],
    ["a space before a colon", ["X-A : b", `Content-Length: ${CHAT.length}`], CHAT],
    ["an empty header name", [": b", `Content-Length: ${CHAT.length}`], CHAT],
    ["a NUL in a header", ["X-A: a\u0000b", `Content-Length: ${CHAT.length}`], CHAT],
  ])("with %s is refused", async (_name, headers, body) => {
    const answer = await post(headers, body);
    expect(answer).toMatchObject({ status: 400, answers: 1 });
  });

  it("with length and chunks runs exactly one request, by its chunks", async () => {
    const smuggled = `GET /v1/models HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
    const headers = ["Content-Length: 5", "Transfer-Encoding: chunked"];
    const answer = await post(headers, `${CHUNKED}${smuggled}`);
    expect(answer).toMatchObject({ status: 200, answers: 1 });
  });

  it("in chunks, whose length lies, is bounded by its real bytes", async () => {
    const chunk = `100000\r\n${" ".repeat(0x100000)}\r\n`;
    const headers = ["Content-Length: 5", "Transfer-Encoding: chunked"];
    const answer = await post(headers, chunk.repeat(28));
    expect(answer).toMatchObject({ status: 413, code: "request_too_large" });
  });

  it("with two keys is refused, also when they are the same", async () => {
    const one = `Authorization: Bearer ${key}\r\n`;
    expect(await get("/v1/models", `Host: ${host}\r\n${one}`)).toMatchObject({ status: 200 });
    expect(await get("/v1/models", `Host: ${host}\r\n${one}${one}`)).toMatchObject({
      status: 401,
      code: "invalid_api_key",
    });
  });
});
