import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ERRORS } from "../../src/domain/error.ts";
import type { Route } from "../../src/http/context.ts";
import { ADMIN_KEY, KEY, testDoor } from "./door.ts";

/** In all (bars.md P22). */
const REQUESTS = 50_000;

const admin = (method: Route["method"], path: string): Route => ({
  method,
  path,
  auth: { class: "admin", scope: "keys:write" },
  errors: "openai",
  handle: () => Response.json({}),
});
const door = testDoor();
const plane = testDoor({
  routes: [admin("POST", "/admin/v1/keys"), admin("DELETE", "/admin/v1/keys/:id")],
});

const method = fc.oneof(
  { weight: 6, arbitrary: fc.constant("POST") },
  { weight: 1, arbitrary: fc.constantFrom("GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS") },
);
const piece = fc.constantFrom(
  ...[
    "/",
    "v1",
    "chat",
    "completions",
    "messages",
    "embeddings",
    "admin",
    "keys",
    "..",
    ".",
    "%2e",
  ],
  ...["%2f", "%00", "\\", "//", "healthz", "?", "#", "a", "é", "%", "count_tokens", "models"],
);
const path = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.constantFrom(
      ...["/v1/chat/completions", "/v1/messages", "/v1/embeddings", "/admin/v1/keys"],
    ),
  },
  {
    weight: 1,
    arbitrary: fc.array(piece, { maxLength: 8 }).map((pieces) => `/${pieces.join("")}`),
  },
);
const plain = fc.string({ unit: fc.constantFrom(..."aZ0 ,=:;/-_{}[]\"'%\u007f~"), maxLength: 40 });
const wish = fc.tuple(
  fc.constantFrom(
    ...["x-headgate-fallback", "x-headgate-cache", "x-headgate-cache-ttl", "x-headgate-tags"],
    ...["x-headgate-user", "x-headgate-timeout", "x-headgate-recovery", "x-headgate-session"],
    ...["idempotency-key", "x-stainless-timeout", "x-stainless-retry-count", "x-request-id"],
  ),
  fc.oneof(plain, fc.constantFrom("off", "hold", "1", "none", "a=b", "60")),
);
const framing = fc.tuple(
  fc.constantFrom("content-type", "content-encoding", "content-length", "host", "origin"),
  fc.oneof(plain, fc.constantFrom("text/plain", "gzip", "1", "99999999999", "h/admin?x=")),
);
const json: [string, string] = ["content-type", "application/json"];
const headers = fc
  .tuple(
    fc.array(wish, { maxLength: 2 }),
    fc.oneof(
      { weight: 6, arbitrary: fc.constant<[string, string][]>([]) },
      { weight: 1, arbitrary: fc.array(framing, { minLength: 1, maxLength: 2 }) },
    ),
  )
  .map(([wishes, frames]) => [json, ...wishes, ...frames]);
const field = fc.constantFrom(
  ...[
    "model",
    "messages",
    "headgate",
    "user",
    "metadata",
    "models",
    "use_cache",
    "fallback_models",
  ],
  ...["api_base", "stream", "input", "__proto__", "constructor", "tags", "cache", "timeout"],
);
const body = fc.oneof(
  fc.constantFrom("", "{}", "{", "[]", "null", '{"a":1,"a":2}', "[".repeat(70), "\u0000"),
  fc.json({ maxDepth: 3 }),
  fc
    .dictionary(
      field,
      fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.dictionary(field, fc.jsonValue())),
    )
    .map((object) => JSON.stringify(object)),
);
const request = fc.record({ method, path, headers, body });
type Fuzzed = { method: string; path: string; headers: [string, string][]; body: string };

const send = async (through: typeof door, fuzzed: Fuzzed, key: Record<string, string>) => {
  const headers = new Headers();
  for (const [name, value] of fuzzed.headers) headers.set(name, value);
  for (const [name, value] of Object.entries(key)) headers.set(name, value);
  const carries = fuzzed.method !== "GET" && fuzzed.method !== "HEAD";
  const init = { method: fuzzed.method, headers, ...(carries && { body: fuzzed.body }) };
  const response = await through.call(fuzzed.path, init);
  return { response, text: await response.text() };
};

/** Whether the answer is one that the contract knows. */
const planned = (response: Response, text: string, head: boolean): void => {
  const { status, headers } = response;
  expect(headers.get("x-request-id")).toMatch(/^req_/);
  if (status < 400 || head) return;
  const { error, type, request_id } = JSON.parse(text) as Record<string, Record<string, unknown>>;
  const code = error?.["code"] as keyof typeof ERRORS;
  expect(ERRORS[code]?.status).toBe(status);
  expect(error?.["message"]).toBe(ERRORS[code].message);
  const id = type === undefined ? error?.["request_id"] : request_id;
  expect(id).toBe(headers.get("x-request-id"));
};

describe("any request at all", () => {
  it("with a key is answered by the contract and never with a 5xx", {
    timeout: 120_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(request, async (fuzzed) => {
        const { response, text } = await send(door, fuzzed as Fuzzed, {
          authorization: `Bearer ${KEY}`,
        });
        expect(response.status).toBeLessThan(500);
        planned(response, text, fuzzed.method === "HEAD");
        expect(({} as Record<string, unknown>)["tags"]).toBeUndefined();
      }),
      { numRuns: REQUESTS / 2 },
    );
    // The generator is worth something only while a good part of it gets through all checks.
    expect(door.asks.length).toBeGreaterThan(100);
  });

  it("without the right key is never served", { timeout: 120_000 }, async () => {
    const key = fc.constantFrom<Record<string, string>>(
      {},
      { authorization: "Bearer nonsense" },
      { authorization: `Bearer ${KEY}, Bearer ${KEY}` },
      { authorization: `Basic ${KEY}` },
      { "x-api-key": KEY, "api-key": "other" },
    );
    const either = fc.constantFrom(
      { through: door, wrong: ADMIN_KEY },
      { through: plane, wrong: KEY },
    );
    await fc.assert(
      fc.asyncProperty(request, key, either, fc.boolean(), async (fuzzed, key, side, other) => {
        const headers = other ? { authorization: `Bearer ${side.wrong}` } : key;
        const { response, text } = await send(side.through, fuzzed as Fuzzed, headers);
        expect(response.status).toBeGreaterThanOrEqual(400);
        expect(response.status).toBeLessThan(500);
        planned(response, text, fuzzed.method === "HEAD");
      }),
      { numRuns: REQUESTS / 2 },
    );
  });
});
