/**
 * Decides: how a test asks the served gateway the same thing again and again, with keys of its own organisation.
 * Never: asks two tests' worth under one name: each world is an organisation.
 */
import type { Journey } from "./journey.ts";
import { type Row, rowOf } from "./ledger.ts";

export type Told = {
  readonly status: number;
  readonly cache: string | null;
  readonly age: string | null;
  readonly headers: Headers;
  readonly text: string;
};

export type CacheWorld = {
  readonly org: string;
  readonly key: string;
  /** A chat request; `body` on top of a deterministic one. */
  ask(body?: object, headers?: Record<string, string>, key?: string): Promise<Told>;
  at(path: string, body: object, headers?: Record<string, string>, key?: string): Promise<Told>;
  makeKey(more?: Record<string, unknown>): Promise<string>;
  /** The row of the request that was answered with these headers. */
  rowOf(told: Told, key?: string): Promise<Row>;
};

let made = 0;

export const cacheWorld = async (
  { gateway }: Journey,
  cache: object,
  more: object = {},
): Promise<CacheWorld> => {
  made += 1;
  const org = `cache-${made}`;
  await gateway.makeOrg(org, { cache, ...more });
  const own = await gateway.makeKey(org);
  const at: CacheWorld["at"] = async (path, body, headers = {}, key = own) => {
    const response = await fetch(`${gateway.url}${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    const { status } = response;
    const header = (name: string): string | null => response.headers.get(name);
    const told = { status, cache: header("x-headgate-cache"), age: header("age"), text };
    return { ...told, headers: response.headers };
  };
  return {
    ...{ org, key: own, at },
    rowOf: ({ headers }, key = own) => rowOf({ gateway, key }, headers.get("x-request-id")),
    makeKey: (fields) => gateway.makeKey(org, fields),
    ask: (body = {}, headers, key) =>
      at(
        "/v1/chat/completions",
        {
          model: "openai-ok",
          temperature: 0,
          messages: [{ role: "user", content: "What is a gateway?" }],
          ...body,
        },
        headers,
        key,
      ),
  };
};
