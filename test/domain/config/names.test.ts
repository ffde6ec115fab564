import { describe, expect, it } from "vitest";
import { isForwardableHeader } from "../../../src/domain/config/header-names.ts";
import { Name, Pattern, SecretRef, UpstreamName } from "../../../src/domain/config/names.ts";
import { parseConfig } from "../../../src/domain/config/validate.ts";

describe("a name", () => {
  it.each(["gpt-4o-mini", "anthropic/claude-3.5", "llama3:8b", "a", "7b", "A.b_c", "x".repeat(64)])(
    "may be %s",
    (name) => {
      expect(Name.safeParse(name).success).toBe(true);
    },
  );

  it.each([
    "",
    "x".repeat(65),
    "a#b",
    "a?b",
    "a@b",
    "a..b",
    "../a",
    "a//b",
    "/a",
    ".a",
    "-a",
    "_a",
    "__proto__",
    "a b",
    "a%2fb",
    "a\\b",
    "a\n",
    "a\u0000",
    "ä",
    "*",
    "a*",
  ])("may not be %j", (name) => {
    expect(Name.safeParse(name).success).toBe(false);
  });

  it.each(["none", "lexical"])("of a model may not be %s, which means something", (name) => {
    const result = parseConfig(
      { providers: { p: { kind: "demo" } }, models: { [name]: { provider: "p" } } },
      { allowPrivate: false },
    );
    expect(result.ok ? [] : result.error.map((problem) => problem.path)).toEqual([
      `models.${name}`,
    ]);
  });

  it("belongs to a model or to a route, not to both", () => {
    const result = parseConfig(
      {
        providers: { p: { kind: "demo" } },
        models: { m: { provider: "p" } },
        routes: { m: { strategy: "priority", models: ["m"] } },
      },
      { allowPrivate: false },
    );
    expect(result.ok ? [] : result.error).toContainEqual({
      path: "routes.m",
      message: "a model has this name already",
    });
  });
});

describe("an upstream name", () => {
  it.each(["@cf/meta/llama-3.1-8b-instruct", "ft:gpt-4o:org::id", "accounts/f/models/x"])(
    "may be %s",
    (name) => {
      expect(UpstreamName.safeParse(name).success).toBe(true);
    },
  );
  it.each(["", "@@cf", "a@b", "a/../b", "a?key=1", "a#b", "x".repeat(129)])(
    "may not be %j",
    (name) => {
      expect(UpstreamName.safeParse(name).success).toBe(false);
    },
  );
});

describe("a pattern", () => {
  it.each(["*", "gpt-*", "*-mini", "openai/*", "gpt-4o"])("may be %s", (pattern) => {
    expect(Pattern.safeParse(pattern).success).toBe(true);
  });
  it.each(["", "a b", "#", "a..*"])("may not be %j", (pattern) => {
    expect(Pattern.safeParse(pattern).success).toBe(false);
  });
});

describe("a reference to a secret", () => {
  it.each(["ADMIN_TOKEN", "KEY_PEPPER", "KEY_PEPPER_PREVIOUS", "MASTER_KEY"])(
    "may not be the root secret %s",
    (secret) => {
      expect(SecretRef.safeParse({ secret }).success).toBe(false);
    },
  );
  it("may be any other", () => {
    expect(SecretRef.safeParse({ secret: "OPENAI_API_KEY" }).success).toBe(true);
  });
});

describe("a provider's own header", () => {
  it.each([
    "authorization",
    "Authorization",
    "HOST",
    "Cookie",
    "x-api-key",
    "X-Goog-Api-Key",
    "api-key",
    "proxy-authorization",
    "content-length",
    "transfer-encoding",
    "x-forwarded-for",
    "cf-connecting-ip",
    "x-headgate-cache",
  ])("may not be %s", (name) => {
    expect(isForwardableHeader(name)).toBe(false);
  });
  it.each(["openai-organization", "anthropic-beta", "HTTP-Referer", "x-title", "user-agent"])(
    "may be %s",
    (name) => {
      expect(isForwardableHeader(name)).toBe(true);
    },
  );
});
