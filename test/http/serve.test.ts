import { afterEach, describe, expect, it, vi } from "vitest";
import type { Route } from "../../src/http/context.ts";
import { errorOf, KEY, testDoor } from "./door.ts";

const AT_LARGE = { auth: { class: "public" }, errors: "openai" } as const;
const row = (
  method: Route["method"],
  path: string,
  handle: Route["handle"] = () => Response.json({ served: path }),
): Route => ({ ...AT_LARGE, method, path, handle });

const door = testDoor({
  routes: [
    row("GET", "/thing"),
    row("PUT", "/thing"),
    { ...row("POST", "/v1/messages"), errors: "anthropic" },
    row("GET", "/things/:id{.+}", (c) => Response.json({ id: c.req.param("id") })),
    row("GET", "/healthz"),
  ],
});

describe("a request's way to its route", () => {
  it.each([
    ["GET", "/thing", 200],
    ["PUT", "/thing", 200],
    ["HEAD", "/thing", 200],
    ["GET", "/thing?x=//..%2f", 200],
    ["GET", "/nothing", 404],
    ["GET", "/thing/x", 404],
    ["GET", "/Thing", 404],
    ["OPTIONS", "/nothing", 404],
    ["POST", "/thing", 405],
    ["DELETE", "/thing", 405],
    ["OPTIONS", "/thing", 405],
    ["GET", "/v1/messages", 405],
    ["HEAD", "/v1/messages", 405],
  ])("%s %s is %i", async (method, path, status) => {
    expect((await door.call(path, { method })).status).toBe(status);
  });

  it("a method that the path has not is told which it has", async () => {
    const response = await door.call("/thing", { method: "DELETE" });
    expect(response.headers.get("allow")).toBe("GET, HEAD, PUT");
    expect(await errorOf(response)).toMatchObject({ code: "method_not_allowed" });
  });

  it("HEAD answers as GET without a body", async () => {
    const response = await door.call("/thing", { method: "HEAD" });
    expect(response.headers.get("content-type")).toContain("application/json");
    expect(await response.text()).toBe("");
  });

  it("an id may have slashes", async () => {
    expect(await (await door.call("/things/@cf/meta/x:free")).json()).toEqual({
      id: "@cf/meta/x:free",
    });
  });

  it("errors beside a route are written in the style of their path", async () => {
    const messages = await (await door.call("/v1/messages/none")).json();
    expect(messages).toMatchObject({ type: "error", error: { type: "not_found_error" } });
    expect(await errorOf(await door.call("/v1/messagesx"))).toMatchObject({ code: "not_found" });
  });

  it("no origin is let in by CORS", async () => {
    const headers = { origin: "https://evil.test", "access-control-request-method": "GET" };
    for (const method of ["GET", "OPTIONS"]) {
      const response = await door.call("/thing", { method, headers });
      expect([...response.headers.keys()].join()).not.toContain("access-control");
    }
  });
});

describe("every answer", () => {
  it.each(["/thing", "/nothing", "/v1/../thing%2f", "/healthz"])(
    "of %s is sealed",
    async (path) => {
      const { headers } = await door.call(path);
      expect(headers.get("x-request-id")).toMatch(/^req_[0-9a-f]{32}$/);
      expect(headers.get("cache-control")).toBe("no-store");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
    },
  );

  it("names the request as its error does", async () => {
    const response = await door.call("/nothing");
    const { error } = (await response.json()) as { error: { request_id: string } };
    expect(error.request_id).toBe(response.headers.get("x-request-id"));
  });

  // Anthropic's clients read theirs from request-id, and show it as _request_id.
  it("is named on /v1/messages as Anthropic's clients look for it too, and nowhere else", async () => {
    for (const method of ["POST", "GET"]) {
      const { headers } = await door.call("/v1/messages", { method });
      expect(headers.get("request-id")).toBe(headers.get("x-request-id"));
    }
    expect((await door.call("/thing")).headers.get("request-id")).toBeNull();
  });

  it("has an id of its own", async () => {
    const ids = await Promise.all(
      Array.from({ length: 100 }, async () =>
        (await door.call("/thing")).headers.get("x-request-id"),
      ),
    );
    expect(new Set(ids).size).toBe(100);
  });
});

describe("a missing root secret", () => {
  const bare = testDoor({
    missingRoots: ["KEY_PEPPER", "MASTER_KEY"],
    routes: [row("GET", "/thing"), row("GET", "/healthz"), row("GET", "/readyz")],
  });

  it.each(["/thing", "/readyz", "/nothing", "//", "/v1/messages"])("refuses %s", async (path) => {
    expect((await bare.call(path)).status).toBe(503);
  });

  it("is named, all of them in the details", async () => {
    const response = await bare.call("/readyz");
    expect(response.headers.has("retry-after")).toBe(true);
    expect(await response.json()).toMatchObject({
      error: {
        code: "misconfigured",
        param: "KEY_PEPPER",
        details: { missing: ["KEY_PEPPER", "MASTER_KEY"] },
      },
    });
  });

  it("leaves /healthz as it is", async () => {
    expect((await bare.call("/healthz")).status).toBe(200);
  });
});

describe("a handler that throws", () => {
  afterEach(() => vi.restoreAllMocks());

  const throws = (error: unknown) =>
    testDoor({
      routes: [
        row("GET", "/thing", () => {
          throw error;
        }),
      ],
    });

  it("is answered without a word of it, and written down as one line", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    const error = new TypeError(`sk-secret\n\u001b[31m{"level":"info"}\n    at é\u009b`);
    const response = await throws(error).call("/thing", {
      headers: { authorization: `Bearer ${KEY}` },
    });
    const body = await response.text();
    expect(response.status).toBe(500);
    expect(JSON.parse(body)).toMatchObject({ error: { code: "internal_error" } });
    expect(body).not.toContain("secret");
    expect(log).toHaveBeenCalledTimes(1);
    const line = String(log.mock.calls[0]?.[0]);
    expect(line).toMatch(/^[\x20-\x7e]+$/);
    expect(line).not.toContain("sk-secret");
    expect(line).not.toContain(KEY);
    expect(line).not.toContain("u009b");
    expect(JSON.parse(line)).toMatchObject({
      level: "error",
      error: "TypeError",
      route: "/thing",
      request_id: response.headers.get("x-request-id"),
    });
  });

  it.each(["text", undefined, { toString: () => "sk" }])(
    "with %j is answered too",
    async (thrown) => {
      const log = vi.spyOn(console, "error").mockImplementation(() => {});
      expect(await errorOf(await throws(thrown).call("/thing"))).toMatchObject({ status: 500 });
      expect(log).toHaveBeenCalledTimes(1);
    },
  );
});
