import { afterAll, beforeAll, expect, it } from "vitest";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { type LoopbackServer, serveLoopback } from "../support/loopback-server.ts";

/** Milliseconds between the terminal mark and the end of the body. */
const LATE_MS = 30;
const STREAMS = 6;

const chunk = (delta: object, finish: string | null): string =>
  `data: ${JSON.stringify({ id: "c1", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;

let gateway: Gateway;
let upstream: LoopbackServer;
let key: string;
let connections = 0;

beforeAll(async () => {
  upstream = await serveLoopback((request, response) => {
    request.resume().on("end", () => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(chunk({ content: "hi" }, null));
      response.write(`${chunk({}, "stop")}data: [DONE]\n\n`);
      setTimeout(() => response.end(), LATE_MS);
    });
  });
  upstream.server.keepAliveTimeout = 60_000;
  upstream.server.on("connection", () => {
    connections += 1;
  });
  gateway = await startGateway({ secrets: { OPENAI_API_KEY: "sk-test" } });
  await gateway.putConfig({
    providers: {
      openai: {
        kind: "openai",
        base_url: `${upstream.url}/v1`,
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
  await upstream?.dispose();
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
