/**
 * Decides: how commands and replies travel between the shim and Redis (RESP2): one connection, in order.
 * Never: knows a command.
 */
import { connect } from "node:net";

export type Reply = string | number | null | Error | Reply[];

export type RedisConnection = {
  send(words: readonly unknown[]): Promise<Reply>;
  close(): void;
};

const CRLF = "\r\n";

/** The reply that begins at `at`, and where it ends; undefined while a part of it is missing. */
const parse = (bytes: Buffer, at: number): readonly [Reply, number] | undefined => {
  const lineEnd = bytes.indexOf(CRLF, at);
  if (lineEnd === -1) return undefined;
  const line = bytes.toString("utf8", at + 1, lineEnd);
  const next = lineEnd + 2;
  switch (bytes.toString("latin1", at, at + 1)) {
    case "+":
      return [line, next];
    case "-":
      return [new Error(line), next];
    case ":":
      return [Number(line), next];
    case "$":
      return parseBulk(bytes, next, Number(line));
    case "*":
      return parseArray(bytes, next, Number(line));
    default:
      throw new Error(`not a reply of Redis: ${line}`);
  }
};

const parseBulk = (bytes: Buffer, at: number, length: number) => {
  if (length < 0) return [null, at] as const;
  if (bytes.length < at + length + 2) return undefined;
  return [bytes.toString("utf8", at, at + length), at + length + 2] as const;
};

const parseArray = (bytes: Buffer, at: number, length: number) => {
  if (length < 0) return [null, at] as const;
  const replies: Reply[] = [];
  let next = at;
  for (let index = 0; index < length; index += 1) {
    const reply = parse(bytes, next);
    if (reply === undefined) return undefined;
    replies.push(reply[0]);
    next = reply[1];
  }
  return [replies, next] as const;
};

const framed = (words: readonly unknown[]): Buffer =>
  Buffer.concat([
    Buffer.from(`*${words.length}${CRLF}`),
    ...words.map((word) => {
      const bytes = Buffer.from(String(word));
      return Buffer.concat([Buffer.from(`$${bytes.length}${CRLF}`), bytes, Buffer.from(CRLF)]);
    }),
  ]);

export const connectRedis = (path: string): RedisConnection => {
  const socket = connect(path);
  const waiting: ((reply: Reply) => void)[] = [];
  let unread: Buffer = Buffer.alloc(0);
  socket.on("data", (chunk) => {
    unread = Buffer.concat([unread, chunk]);
    for (let reply = parse(unread, 0); reply !== undefined; reply = parse(unread, 0)) {
      unread = unread.subarray(reply[1]);
      waiting.shift()?.(reply[0]);
    }
  });
  return {
    send: (words) =>
      new Promise((resolve) => {
        waiting.push(resolve);
        socket.write(framed(words));
      }),
    close: () => socket.destroy(),
  };
};
