/**
 * Decides: how many callers speak at once: a pool of that many connections, one request in flight on each.
 * Never: repeats a request.
 */
import { Agent, request } from "node:http";

/** Times in milliseconds since the epoch; status 0 where the connection broke. */
export type Answer = {
  readonly status: number;
  /** Of the error, where it is one. */
  readonly code: string | undefined;
  readonly id: string;
  /** When the request was handed to its socket. */
  readonly begunAt: number;
  readonly endedAt: number;
};

export type Sockets = {
  post(
    path: string,
    key: string,
    body: object,
    headers: Readonly<Record<string, string>>,
  ): Promise<Answer>;
  close(): void;
};

const codeIn = (text: string): string | undefined => /"code":\s?"([a-z_]+)"/.exec(text)?.[1];

export const openSockets = (url: string, connections: number): Sockets => {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const { hostname, port } = new URL(url);
  const waiting: (() => void)[] = [];
  let free = connections;
  const seat = (): Promise<void> =>
    new Promise((resolve) => {
      if (free > 0) {
        free -= 1;
        resolve();
      } else waiting.push(resolve);
    });
  const leave = (): void => {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  };

  const send = (path: string, key: string, text: string, headers: object): Promise<Answer> =>
    new Promise((resolve) => {
      const begunAt = Date.now();
      const broken = (): void =>
        resolve({ status: 0, code: undefined, id: "", begunAt, endedAt: Date.now() });
      const asked = request(
        {
          agent,
          hostname,
          port,
          path,
          method: "POST",
          headers: {
            ...headers,
            authorization: `Bearer ${key}`,
            "content-type": "application/json",
            "content-length": Buffer.byteLength(text),
          },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("error", broken);
          response.on("end", () => {
            const status = response.statusCode ?? 0;
            const code = status === 200 ? undefined : codeIn(Buffer.concat(chunks).toString());
            const id = String(response.headers["x-request-id"] ?? "");
            resolve({ status, code, id, begunAt, endedAt: Date.now() });
          });
        },
      );
      asked.on("error", broken);
      asked.end(text);
    });

  return {
    async post(path, key, body, headers) {
      await seat();
      try {
        return await send(path, key, JSON.stringify(body), headers);
      } finally {
        leave();
      }
    },
    close: () => agent.destroy(),
  };
};
