import { exports } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { migrated } from "../platform/tenants-database.ts";
import { errorOf } from "./door.ts";

const send = (method: string, path: string, body: unknown) =>
  exports.default.fetch(
    new Request(`http://gateway.test/admin/v1${path}`, {
      method,
      headers: { "content-type": "application/json", authorization: "Bearer test-admin-token" },
      body: JSON.stringify(body),
    }),
  );

beforeAll(migrated);

describe("a configuration", () => {
  // Its keys were counted like those of a call to a model, of which 10,000 are enough.
  it("of a thousand models with every figure written out is taken", async () => {
    const price = { input: 1, output: 2, cache_read: 0.1, cache_write: 1.25 };
    const model = { provider: "p", upstream: "x", context: 1_000, max_output: 100, price };
    const more = { capabilities: ["tools", "json"], tier: "simple" };
    const models = Array.from({ length: 1_000 }, (_, i) => [`m-${i}`, { ...model, ...more }]);
    const document = {
      providers: { p: { kind: "demo" } },
      models: Object.fromEntries(models),
    };
    expect((await send("PUT", "/config", document)).status).toBe(200);
  });

  it("that is larger than a row of the database is refused by size", async () => {
    const models = Object.fromEntries(
      Array.from({ length: 30_000 }, (_, i) => [
        `model-${"x".repeat(40)}-${i}`,
        { provider: "p", upstream: "u" },
      ]),
    );
    const answer = await send("POST", "/config/validate", {
      providers: { p: { kind: "demo" } },
      models,
    });
    expect(await errorOf(answer)).toMatchObject({ status: 400, code: "invalid_config" });
  });
});

describe("a policy", () => {
  // It was accepted up to the size of a body, and published with every key below it.
  it("longer than 100,000 characters is refused", async () => {
    const policy = {
      models: { allow: Array(1_000).fill("a".repeat(64)), deny: Array(1_000).fill("b".repeat(64)) },
    };
    const answer = await send("POST", "/orgs", { id: "large", policy });
    expect(await errorOf(answer)).toEqual({
      status: 400,
      code: "invalid_parameter",
      param: "policy",
    });
  });
});
