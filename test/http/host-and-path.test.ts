import { describe, expect, it } from "vitest";
import { checkHostAndPath } from "../../src/http/host-and-path.ts";
import { errorOf, testDoor } from "./door.ts";

const check = (path: string, host = "gateway.test", allowedHosts?: readonly string[]) =>
  checkHostAndPath(new Request("http://gateway.test/", { headers: { host } }), path, {
    allowedHosts,
  })?.code;

describe("the Host header", () => {
  it.each([
    "gateway.test",
    "Gateway.Test",
    "gateway.test:8787",
    "127.0.0.1:8787",
    "[::1]:8787",
    "[2001:db8::1]",
  ])("%s is well formed", (host) => {
    expect(check("/", host)).toBeUndefined();
  });

  it.each([
    "h/admin/keys?x=",
    "h/#@x",
    "user@h",
    "user:password@h",
    "h?x",
    "h#x",
    "h\\x",
    "h:port",
    "h:123456",
    "a b",
    "h,h",
    "[::1",
    "[::1]x",
    "h%2fadmin",
    "",
  ])("%j is refused", (host) => {
    expect(check("/", host)).toBe("invalid_host");
  });

  it.each([
    ["api.example.com", undefined],
    ["API.example.com", undefined],
    ["api.example.com:443", undefined],
    ["localhost:8787", undefined],
    ["localhost", "invalid_host"],
    ["localhost:9999", "invalid_host"],
    ["xapi.example.com", "invalid_host"],
    ["api.example.com.evil.test", "invalid_host"],
  ])("where hosts are listed, %s gives %s", (host, expected) => {
    expect(check("/", host, ["api.example.com", "localhost:8787"])).toBe(expected);
  });

  it("where the header is absent the URL's host is judged", async () => {
    const door = testDoor({ allowedHosts: ["other.test"] });
    const response = await door.call("/v1/models");
    expect(await errorOf(response)).toEqual({ status: 400, code: "invalid_host", param: "host" });
  });
});

describe("the path", () => {
  it.each([
    "/",
    "/v1/chat/completions",
    "/v1/models/anthropic/claude-3.5:free",
    "/v1/models/@cf/meta/llama-3",
    "/v1/models/...",
    "/v1/models/a%20b",
    // What the SDKs make of anthropic/claude and @cf/meta/llama.
    "/v1/models/anthropic%2Fclaude",
    "/v1/models/%40cf%2fmeta%2fllama",
    "/admin/v1/orgs/a-b_c~d",
  ])("%s is canonical", (path) => {
    expect(check(path)).toBeUndefined();
  });

  it.each([
    "//admin",
    "/v1//models",
    "/v1/../admin",
    "/v1/./models",
    "/..",
    "/.",
    "/v1/models/",
    "/%2e%2e/admin",
    "/v1/%2E/models",
    "/v1%2fmodels",
    "/v1%2Fmodels",
    "/v1%5cmodels",
    "/v1/models%2Fx",
    "/v1/models/..%2fadmin",
    "/v1/models/a%2f..%2f..",
    "/v1/models/a%2f%2fb",
    "/v1/models/a%2f",
    "/v1/models/a%252fb",
    "/admin/v1/orgs/a%2fb",
    "/v1\\models",
    "/v1/models%00",
    "/v1/models%0a",
    "/v1/models%7f",
    "/v1/models%252e",
    "/v1/models/%",
    "/v1/models/%zz",
    "/v1/models#x",
    "/v1/models/é",
    '/v1/models/"',
    "/v1/models/a b",
    "/v1/models\u0000",
    "/v1/models;x=<y>",
  ])("%j is refused", (path) => {
    expect(check(path)).toBe("non_canonical_path");
  });

  it("of 100,000 characters is judged in linear time", () => {
    expect(check(`/${"a".repeat(100_000)}`)).toBeUndefined();
    expect(check(`/${"a/".repeat(50_000)}`)).toBe("non_canonical_path");
  });
});
