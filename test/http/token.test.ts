import { describe, expect, it } from "vitest";
import { readToken } from "../../src/http/token.ts";

const read = (headers: Record<string, string>) => {
  const token = readToken(new Headers(headers));
  return token.ok ? token.value : token.error.code;
};

describe("readToken", () => {
  it.each([
    [{ authorization: "Bearer abc" }],
    [{ authorization: "bearer abc" }],
    [{ "x-api-key": "abc" }],
    [{ "api-key": "abc" }],
    [{ "x-goog-api-key": "abc" }],
    [{ authorization: "Bearer abc", "x-api-key": "abc" }],
    [
      {
        "api-key": "abc",
        "x-api-key": "abc",
        "x-goog-api-key": "abc",
        authorization: "Bearer abc",
      },
    ],
  ])("%j carries the key", (headers) => {
    expect(read(headers as Record<string, string>)).toBe("abc");
  });

  it.each([
    [{}],
    [{ authorization: "" }],
    [{ authorization: "Bearer" }],
    [{ authorization: "Bearer " }],
    [{ authorization: "Basic YWJj" }],
    [{ authorization: "abc" }],
    [{ authorization: "Bearer a b" }],
    [{ authorization: "Bearer  abc" }],
    // Two Authorization headers arrive joined.
    [{ authorization: "Bearer abc, Bearer abc" }],
    [{ authorization: "Bearer a,b" }],
    [{ authorization: `Bearer ${"a".repeat(8_192)}` }],
    [{ "x-api-key": "" }],
    [{ "x-api-key": "a, a" }],
    [{ "x-api-key": `${"a".repeat(513)}` }],
    [{ authorization: "Bearer abc", "x-api-key": "abd" }],
    [{ authorization: "Basic YWJj", "x-api-key": "abc" }],
    [{ authorization: "Bearer abc", "x-api-key": "" }],
    [{ "api-key": "abc", "x-goog-api-key": "Abc" }],
  ])("%j is no key", (headers) => {
    expect(read(headers as Record<string, string>)).toBe("invalid_api_key");
  });
});
