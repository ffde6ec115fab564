import { exports } from "cloudflare:workers";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { migrated } from "../platform/tenants-database.ts";

// The shipped Worker with its real storage: faults.md F33–F37, F61–F66, F69, F74.
const ADMIN = "test-admin-token";
let key: string;
let otherKey: string;

const send = (method: string, path: string, token: string | undefined, body?: unknown) =>
  exports.default.fetch(
    new Request(`http://gateway.test${path}`, {
      method,
      headers: {
        "content-type": "application/json",
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    }),
  );

type Told = { readonly status: number; readonly code: unknown; readonly param: unknown };
const told = async (response: Response): Promise<Told> => {
  const { error } = (await response.json()) as { error?: Record<string, unknown> };
  expect(response.headers.get("x-request-id")).toMatch(/^req_/);
  return { status: response.status, code: error?.["code"], param: error?.["param"] };
};

beforeAll(async () => {
  // A log line for each request is right, and of no use in a test's output.
  vi.spyOn(console, "log").mockImplementation(() => {});
  await migrated();
  for (const org of ["abused", "other"]) {
    const made = await send("POST", "/admin/v1/orgs", ADMIN, { id: org, name: org });
    expect(made.status).toBe(201);
  }
  const make = async (org: string): Promise<string> => {
    const made = await send("POST", "/admin/v1/keys", ADMIN, { org });
    return ((await made.json()) as { key: string }).key;
  };
  key = await make("abused");
  otherKey = await make("other");
});

const MESSAGES = [{ role: "user", content: "hello" }];
const chat = (more: object, token = key) =>
  send("POST", "/v1/chat/completions", token, { model: "demo", messages: MESSAGES, ...more });

describe("a chat request to the shipped Worker", () => {
  it("is answered", async () => {
    const response = await chat({});
    expect(response.status).toBe(200);
    expect(response.headers.get("x-headgate-model")).toBe("demo");
    expect(response.headers.get("server-timing")).toMatch(/^auth;dur=/);
    expect(await response.json()).toMatchObject({ object: "chat.completion" });
  });

  it.each([
    [{ max_tokens: -1 }, "max_tokens"],
    [{ max_tokens: 1.5 }, "max_tokens"],
    [{ max_tokens: "5" }, "max_tokens"],
    [{ tools: "x" }, "tools"],
    [{ n: 1_000_000 }, "n"],
    [{ temperature: "hot" }, "temperature"],
    [{ messages: [] }, "messages"],
    [{ messages: "hello" }, "messages"],
    [{ stream: "yes" }, "stream"],
    [{ model: 7 }, "model"],
    [{ headgate: { cache: "maybe" } }, "headgate.cache"],
  ])("with %j is refused by name", async (more, param) => {
    expect(await told(await chat(more))).toEqual({ status: 400, code: "invalid_parameter", param });
  });

  it("with a number beyond all numbers is refused", async () => {
    const text = `{"model":"demo","messages":${JSON.stringify(MESSAGES)},"max_tokens":1e999}`;
    const response = await send("POST", "/v1/chat/completions", key, text);
    expect(await told(response)).toMatchObject({ status: 400, param: "max_tokens" });
  });

  it.each([
    ["{", "invalid_json"],
    ['{"model":"demo"} {}', "invalid_json"],
    ['{"model":"demo","model":"other"}', "invalid_json"],
    ['{"__proto__":{"admin":true}}', "invalid_json"],
    ['{"tools":[{"function":{"parameters":{"constructor":{"x":1}}}}]}', "invalid_json"],
    [`{"a":${'{"a":'.repeat(70)}1${"}".repeat(71)}`, "json_too_deep"],
  ])("of %s is refused as %s", async (text, code) => {
    const response = await send("POST", "/v1/chat/completions", key, text);
    expect(await told(response)).toMatchObject({ status: 400, code });
    expect(({} as Record<string, unknown>)["admin"]).toBeUndefined();
  });

  it.each(["nothing", "../demo", "demo#x", "demo?x", "", "demo\u0000"])(
    "for the model %j is answered like any unknown one",
    async (model) => {
      const answer = await told(await chat({ model }));
      expect(answer).toMatchObject({ param: "model" });
      expect([400, 404]).toContain(answer.status);
    },
  );

  it.each([
    [{ api_base: "http://evil.test" }, "api_base"],
    [{ extra_body: { base_url: "http://evil.test" } }, "extra_body"],
    [{ headgate: { api_base: "http://evil.test" } }, "headgate.api_base"],
    [{ metadata: { api_key: "sk" } }, "metadata.api_key"],
  ])("that names an address or a key, %j, is refused", async (more, param) => {
    expect(await told(await chat(more))).toEqual({ status: 400, code: "unknown_field", param });
  });
});

describe("a key that must attribute its requests", () => {
  // The policy was accepted and published, and nobody looked at it.
  it("is refused without the tags, and served with them, its own included", async () => {
    const made = await send("POST", "/admin/v1/keys", ADMIN, {
      org: "abused",
      tags: { team_tag: "fixed" },
      policy: { tags: { required: ["team_tag", "project", "feature"] } },
    });
    const { key: tagged } = (await made.json()) as { key: string };
    expect(await told(await chat({}, tagged))).toEqual({
      status: 400,
      code: "missing_tags",
      param: "project,feature",
    });
    const tags = { headgate: { tags: { project: "search", feature: "docs" } } };
    expect((await chat(tags, tagged)).status).toBe(200);
  });
});

describe("a key that is not one", () => {
  const flipped = (at: number): string => {
    const letter = key.at(at) === "a" ? "b" : "a";
    return `${key.slice(0, at)}${letter}${key.slice(at + 1)}`;
  };

  it("is refused in one way, whatever is wrong with it", async () => {
    const { id } = (await (
      await send("POST", "/admin/v1/keys", ADMIN, { org: "abused" })
    ).json()) as { id: string };
    await send("DELETE", `/admin/v1/keys/${id}`, ADMIN);
    const tokens = [
      undefined,
      "nonsense",
      ADMIN,
      flipped(20),
      flipped(30),
      flipped(key.length - 1),
      `${key}x`,
      key.slice(0, -1),
      `${key}, ${key}`,
    ];
    const answers = await Promise.all(
      tokens.map(async (token) => {
        const response = await chat({}, token ?? "");
        expect(response.status).toBe(401);
        return (await response.text()).replace(/req_\w+/, "");
      }),
    );
    expect(new Set(answers).size).toBe(1);
  });

  it("of the other class is told that it is the wrong class", async () => {
    const made = await send("POST", "/admin/v1/keys", ADMIN, { scopes: ["config:read"] });
    const { key: adminKey } = (await made.json()) as { key: string };
    expect(await told(await chat({}, adminKey))).toMatchObject({
      status: 403,
      code: "scope_missing",
    });
    const config = await send("GET", "/admin/v1/config", key);
    expect(await told(config)).toMatchObject({ status: 403, code: "scope_missing" });
    const write = await send("PUT", "/admin/v1/config", adminKey, {});
    expect(await told(write)).toMatchObject({ status: 403, code: "scope_missing" });
  });
});

describe("an answer of the shipped Worker", () => {
  it("holds no key, whatever was asked", async () => {
    const paths = ["/v1/models", "/v1/models/nothing", "/healthz", "/readyz", "/nothing"];
    for (const path of paths) {
      const response = await send("GET", path, otherKey);
      const all = `${await response.text()}${JSON.stringify([...response.headers])}`;
      for (let at = 24; at + 8 <= otherKey.length; at++) {
        expect(all).not.toContain(otherKey.slice(at, at + 8));
      }
    }
  });

  it("on messages is written as Anthropic writes it", async () => {
    const response = await send("POST", "/v1/messages", key, {
      model: "nothing",
      messages: MESSAGES,
      max_tokens: 5,
    });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({
      type: "error",
      error: { type: "not_found_error", code: "model_not_found" },
      request_id: response.headers.get("x-request-id"),
    });
  });
});
