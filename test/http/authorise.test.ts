import { describe, expect, it } from "vitest";
import { err, ok } from "../../src/base/result.ts";
import type { Caller } from "../../src/domain/tenant.ts";
import type { Route } from "../../src/http/context.ts";
import { noLimiter, type OwnAccount } from "../../src/ports-account.ts";
import { ADMIN_KEY, EMBED_KEY, errorOf, KEY, READER_KEY, SOMEBODY, testDoor } from "./door.ts";

const row = (path: string, auth: Route["auth"]): Route => ({
  method: "GET",
  path,
  auth,
  errors: "openai",
  handle: () => Response.json({ served: path }),
});
const routes = [
  row("/public", { class: "public" }),
  row("/data", { class: "data" }),
  row("/chat", { class: "data", scope: "chat" }),
  row("/admin", { class: "admin", scope: "config:write" }),
];
const door = testDoor({ routes });

describe("a route's class and scope", () => {
  it.each([
    ["/public", undefined, 200, undefined],
    ["/public", "nonsense", 200, undefined],
    ["/data", KEY, 200, undefined],
    ["/data", EMBED_KEY, 200, undefined],
    ["/chat", KEY, 200, undefined],
    ["/admin", ADMIN_KEY, 200, undefined],
    ["/data", undefined, 401, "invalid_api_key"],
    ["/data", "nonsense", 401, "invalid_api_key"],
    ["/admin", undefined, 401, "invalid_api_key"],
    ["/admin", "nonsense", 401, "invalid_api_key"],
    ["/chat", EMBED_KEY, 403, "scope_missing"],
    ["/admin", READER_KEY, 403, "scope_missing"],
    ["/admin", KEY, 403, "scope_missing"],
    ["/data", ADMIN_KEY, 403, "scope_missing"],
  ])("%s with %s is %i %s", async (path, key, status, code) => {
    const headers: Record<string, string> = key === undefined ? {} : { "x-api-key": key };
    const response = await door.call(path, { headers });
    expect(response.status).toBe(status);
    if (code !== undefined) expect(await errorOf(response)).toMatchObject({ code });
  });

  it("every refusal of a key is the same body but for the request id", async () => {
    const bodies = await Promise.all(
      [{}, { "x-api-key": "nonsense" }, { authorization: "Basic eA==" }].map(async (headers) => {
        const response = await door.call("/data", { headers: headers as Record<string, string> });
        expect(response.headers.get("www-authenticate")).toBe("Bearer");
        return (await response.text()).replace(/req_[0-9a-f]+/, "");
      }),
    );
    expect(new Set(bodies).size).toBe(1);
  });

  it("a data key's organisation stands in the request id", async () => {
    const known = await door.call("/data", { headers: { "x-api-key": KEY } });
    expect(known.headers.get("x-request-id")).toMatch(/^req_abcd1234_[0-9a-f]{32}$/);
    const unknown = await door.call("/data", { headers: {} });
    expect(unknown.headers.get("x-request-id")).toMatch(/^req_[0-9a-f]{32}$/);
  });
});

// A revoked key went on listing models and telling of its limits for seconds: nothing there asked the organisation.
describe("a route behind which nothing admits", () => {
  type Judged = Awaited<ReturnType<OwnAccount["judge"]>>;
  const served = (judged: Judged, refreshed?: Caller) =>
    testDoor({
      routes: [
        {
          ...row("/mine", { class: "data", renewed: true }),
          handle: (c) => Response.json({ name: c.get("caller").keyName ?? null }),
        },
      ],
      deps: {
        account: { judge: async () => judged } as unknown as OwnAccount,
        keys: {
          verify: async () => ok(known),
          refresh: async () => refreshed,
        },
      },
    }).call("/mine");
  const known = { ...SOMEBODY, keyName: "before" };
  const changed = { ...SOMEBODY, keyName: "after" };

  it("serves the caller as his organisation knows him", async () => {
    expect(await (await served(ok("live"), changed)).json()).toEqual({ name: "before" });
    expect(await (await served(ok("stale"), changed)).json()).toEqual({ name: "after" });
  });

  it("refuses a key that was revoked meanwhile like an unknown one", async () => {
    for (const judged of [ok("revoked" as const), ok("stale" as const)]) {
      expect(await errorOf(await served(judged))).toMatchObject({
        status: 401,
        code: "invalid_api_key",
      });
    }
  });

  it("serves the caller as he was known while his organisation cannot be asked", async () => {
    expect(await (await served(err("unavailable"))).json()).toEqual({ name: "before" });
  });
});

describe("a refusal at the door", () => {
  it("is counted, for the organisation where a key tells whose it was", async () => {
    const counted: unknown[] = [];
    const denied = (caller: { readonly org: string } | undefined, status: number, code: string) =>
      counted.push([caller?.org, status, code]);
    const door = testDoor({ routes, deps: { limiter: { ...noLimiter, denied } } });
    // Only a key that was wrong was counted, not one that was missing.
    await door.call("/data", { headers: {} });
    await door.call("/data", { headers: { authorization: "Bearer nonsense" } });
    await door.call("/chat", { headers: { authorization: `Bearer ${EMBED_KEY}` } });
    await door.call("/admin", { headers: {} });
    expect(counted).toEqual([
      [undefined, 401, "invalid_api_key"],
      [undefined, 401, "invalid_api_key"],
      [expect.any(String), 403, "scope_missing"],
    ]);
  });
});
