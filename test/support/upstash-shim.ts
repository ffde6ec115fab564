/**
 * Decides: how Upstash's REST looks over a real redis-server: `POST /` and `POST /pipeline`, a bearer token,
 * strings in base64 for who asks for them.
 * Never: counts anything itself; every command goes to Redis as it came.
 */
import { createHash } from "node:crypto";
import { bodyOf, sendJson, serveLoopback } from "./loopback-server.ts";
import { connectRedis, type Reply } from "./redis-protocol.ts";

export type UpstashShim = {
  readonly url: string;
  readonly token: string;
  /** How many commands have gone to Redis. */
  commands(): number;
  dispose(): Promise<void>;
};

/** Upstash alone knows the flags of a script's first line; Redis refuses them. */
const withoutFlags = (script: string): string => script.replace(/^#!lua[^\n]*\n/, "");
const sha1 = (text: string): string => createHash("sha1").update(text).digest("hex");

const encoded = (reply: Reply, base64: boolean): unknown => {
  if (Array.isArray(reply)) return reply.map((each) => encoded(each, base64));
  if (reply instanceof Error) return { error: reply.message };
  if (typeof reply !== "string") return reply;
  return base64 && reply !== "OK" ? Buffer.from(reply).toString("base64") : reply;
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

  const served = await serveLoopback(async (request, response) => {
    const body: unknown = JSON.parse(await bodyOf(request));
    if (request.headers.authorization !== `Bearer ${token}`) {
      return sendJson(response, 401, { error: "WRONGPASS invalid or missing auth token" });
    }
    const base64 = request.headers["upstash-encoding"] === "base64";
    const shown = (reply: Reply): object =>
      reply instanceof Error ? { error: reply.message } : { result: encoded(reply, base64) };
    if (request.url === "/pipeline") {
      const replies = await Promise.all((body as unknown[][]).map(run));
      return sendJson(response, 200, replies.map(shown));
    }
    const reply = await run(body as unknown[]);
    return sendJson(response, reply instanceof Error ? 400 : 200, shown(reply));
  });
  return {
    url: served.url,
    token,
    commands: () => commands,
    dispose: async () => {
      await served.dispose();
      connection.close();
    },
  };
};
