import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Gateway, startGateway } from "../support/gateway.ts";

/** Milliseconds between the terminal mark and the end of the body. */
const LATE_MS = 30;
const STREAMS = 6;

const chunk = (delta: object, finish: string | null): string =>
  `data: ${JSON.stringify({ id: "c1", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;

let gateway: Gateway;
let upstream: Server;
let key: string;
let connections = 0;

beforeAll(async () => {
  upstream = createServer((request, response) => {
    request.resume().on("end", () => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(chunk({ content: "hi" }, null));
      response.write(`${chunk({}, "stop")}data: [DONE]\n\n`);
      setTimeout(() => response.end(), LATE_MS);
    });
  });
  upstream.keepAliveTimeout = 60_000;
  upstream.on("connection", () => {
    connections += 1;
  });
  await new Promise<void>((done) => upstream.listen(0, "127.0.0.1", done));
  gateway = await startGateway({ secrets: { OPENAI_API_KEY: "sk-test" } });
  const { port } = upstream.address() as AddressInfo;
  await gateway.putConfig({
    providers: {
      openai: {
        kind: "openai",
        base_url: `http://127.0.0.1:${port}/v1`,
        api_key: { secret: "OPENAI_API_KEY" },
      },
    },
    models: { m: { provider: "openai" } },
  });
  await gateway.makeOrg("acme");
  key = await gateway.makeKey("acme");
});
afterAll(async () => {
  await gateway?.dispose();
  upstream?.closeAllConnections();
  upstream?.close();
});

// A stream was dropped at its terminal mark, and its connection with it: the next one had to make a new one.
it("streams that end well, one after the other, share one connection to the provider", async () => {
  for (let at = 0; at < STREAMS; at += 1) {
    const response = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify({
        model: "m",
        stream: true,
        messages: [{ role: "user", content: "hi" }],
      }),
    });
    expect(await response.text()).toContain("[DONE]");
    await new Promise((done) => setTimeout(done, 2 * LATE_MS));
  }
  expect(connections).toBe(1);
});
