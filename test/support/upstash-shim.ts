/**
 * Decides: how Upstash's REST looks over a real redis-server: `POST /` and `POST /pipeline`, a bearer token,
 * strings in base64 for who asks for them.
 * Never: counts anything itself; every command goes to Redis as it came.
 */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { connectRedis, type Reply } from "./redis-protocol.ts";

export type UpstashShim = {
  readonly url: string;
  readonly token: string;
  /** How many commands have gone to Redis. */
  commands(): number;
  dispose(): Promise<void>;
};

const HOST = "127.0.0.1";

/** Upstash alone knows the flags of a script's first line; Redis refuses them. */
const withoutFlags = (script: string): string => script.replace(/^#!lua[^\n]*\n/, "");
const sha1 = (text: string): string => createHash("sha1").update(text).digest("hex");

const encoded = (reply: Reply, base64: boolean): unknown => {
  if (Array.isArray(reply)) return reply.map((each) => encoded(each, base64));
  if (reply instanceof Error) return { error: reply.message };
  if (typeof reply !== "string") return reply;
  return base64 && reply !== "OK" ? Buffer.from(reply).toString("base64") : reply;
};

const wholeOf = async (request: IncomingMessage): Promise<unknown> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString());
};

const send = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
};

/** `redis`: the Unix socket of the server that answers. */
export const startUpstashShim = async (
  redis: string,
  token = "shim-token",
): Promise<UpstashShim> => {
  const connection = connectRedis(redis);
  const scripts = new Map<string, string>();
  let commands = 0;

  const run = async (words: readonly unknown[]): Promise<Reply> => {
    commands += 1;
    const [name, script, ...more] = words;
    if (name === "EVAL" || name === "eval") {
      scripts.set(sha1(String(script)), withoutFlags(String(script)));
      return connection.send(["EVAL", withoutFlags(String(script)), ...more]);
    }
    if (name === "EVALSHA" || name === "evalsha") {
      const known = scripts.get(String(script));
      if (known === undefined) return new Error("NOSCRIPT No matching script.");
      return connection.send(["EVAL", known, ...more]);
    }
    return connection.send(words);
  };

  const server = createServer(async (request, response) => {
    const body = await wholeOf(request);
    if (request.headers.authorization !== `Bearer ${token}`) {
      return send(response, 401, { error: "WRONGPASS invalid or missing auth token" });
    }
    const base64 = request.headers["upstash-encoding"] === "base64";
    const shown = (reply: Reply): object =>
      reply instanceof Error ? { error: reply.message } : { result: encoded(reply, base64) };
    if (request.url === "/pipeline") {
      const replies = await Promise.all((body as unknown[][]).map(run));
      return send(response, 200, replies.map(shown));
    }
    const reply = await run(body as unknown[]);
    return send(response, reply instanceof Error ? 400 : 200, shown(reply));
  });
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
  return {
    url: `http://${HOST}:${(server.address() as AddressInfo).port}`,
    token,
    commands: () => commands,
    dispose: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      connection.close();
    },
  };
};
