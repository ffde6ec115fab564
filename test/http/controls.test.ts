import { describe, expect, it } from "vitest";
import { readControls } from "../../src/http/controls.ts";
import type { Controls } from "../../src/pipeline/ask.ts";

const read = (headers: Record<string, string>, body: Record<string, unknown> = {}, tags = {}) =>
  readControls(new Headers(headers), body, tags);
const controls = (
  headers: Record<string, string>,
  body: Record<string, unknown> = {},
  tags = {},
) => {
  const result = read(headers, body, tags);
  if (!result.ok) throw new Error(`refused: ${result.error.code} ${result.error.param}`);
  return result.value;
};
const refusal = (headers: Record<string, string>, body: Record<string, unknown> = {}) => {
  const result = read(headers, body);
  return result.ok ? "taken" : `${result.error.code} ${result.error.param}`;
};

describe("readControls", () => {
  it("without a wish wishes for nothing", () => {
    expect(controls({}, { model: "m", messages: [] })).toEqual({
      fallback: undefined,
      cache: undefined,
      cacheTtl: undefined,
      tags: {},
      user: undefined,
      timeoutMs: undefined,
      recovery: undefined,
      session: undefined,
      idempotencyKey: undefined,
      clientRetries: 0,
    } satisfies Controls);
  });

  it.each<[Record<string, string>, Partial<Controls>]>([
    [{ "x-headgate-fallback": "m1, m2" }, { fallback: ["m1", "m2"] }],
    [{ "x-headgate-fallback": "none" }, { fallback: "none" }],
    [{ "x-headgate-cache": "refresh" }, { cache: "refresh" }],
    [{ "x-headgate-cache-ttl": "60" }, { cacheTtl: 60 }],
    [
      { "x-headgate-tags": "project=search, feature=a=b c" },
      { tags: { project: "search", feature: "a=b c" } },
    ],
    [{ "x-headgate-user": "u 1" }, { user: "u 1" }],
    [{ "x-headgate-timeout": "1500" }, { timeoutMs: 1_500 }],
    [{ "x-headgate-recovery": "hold" }, { recovery: "hold" }],
    [{ "x-headgate-session": "s" }, { session: "s" }],
    [{ "idempotency-key": "k".repeat(255) }, { idempotencyKey: "k".repeat(255) }],
    [{ prefer: "wait=5" }, { preferWaitMs: 5_000 }],
    [{ prefer: 'respond-async, WAIT = "10"; x=y' }, { preferWaitMs: 10_000 }],
    [{ prefer: "await=5, wait=x, wait=-1" }, { preferWaitMs: undefined }],
    [{ "x-stainless-retry-count": "2" }, { clientRetries: 2 }],
    [{ "x-stainless-retry-count": "-1" }, { clientRetries: 0 }],
    [{ "x-stainless-retry-count": "x" }, { clientRetries: 0 }],
    [{ "x-stainless-timeout": "1" }, { timeoutMs: 1_000 }],
    [{ "x-stainless-timeout": "0" }, { timeoutMs: undefined }],
    [{ "x-stainless-timeout": "x" }, { timeoutMs: undefined }],
    [{ "x-stainless-timeout": "1", "x-headgate-timeout": "5000" }, { timeoutMs: 1_000 }],
    [{ "x-stainless-timeout": "600", "x-headgate-timeout": "5000" }, { timeoutMs: 5_000 }],
  ])("reads %j", (headers, expected) => {
    expect(controls(headers)).toMatchObject(expected);
  });

  it.each<[Record<string, unknown>, Partial<Controls>]>([
    [{ headgate: { fallback: ["m1"] } }, { fallback: ["m1"] }],
    [{ headgate: { fallback: "none" } }, { fallback: "none" }],
    [{ headgate: { fallback: [] } }, { fallback: "none" }],
    [{ fallback_models: ["m1"], models: ["m2"] }, { fallback: ["m1"] }],
    [{ models: ["m2"] }, { fallback: ["m2"] }],
    [{ headgate: { cache: "off" }, use_cache: true }, { cache: "off" }],
    [{ use_cache: false }, { cache: "off" }],
    [{ use_cache: true }, { cache: undefined }],
    [
      { headgate: { cache_ttl: 5, timeout: 9, recovery: "error" } },
      { cacheTtl: 5, timeoutMs: 9, recovery: "error" },
    ],
    [
      { headgate: { tags: { a: "1" }, user: "ü", session: "s" } },
      { tags: { a: "1" }, user: "ü", session: "s" },
    ],
    [{ headgate: null, user: null, metadata: null }, { user: undefined }],
    [{ user: "u" }, { user: "u" }],
    [{ user: "" }, { user: undefined }],
    [{ metadata: { user_id: "u" } }, { user: "u", tags: {} }],
    [{ user: "a", metadata: { user_id: "b" }, headgate: { user: "c" } }, { user: "c" }],
    [
      { metadata: { project: "p", Bad: "x", n: 1, long: "x".repeat(65) } },
      { tags: { project: "p" } },
    ],
    [{ metadata: { project: "p" }, headgate: { tags: { team: "t" } } }, { tags: { team: "t" } }],
    // Characters were counted in two ways: a tag that fits on a key was too long on a request.
    [{ headgate: { tags: { a: "😀".repeat(64) } } }, { tags: { a: "😀".repeat(64) } }],
  ])("reads a body's %j", (body, expected) => {
    expect(controls({}, body)).toMatchObject(expected);
    if (expected.tags !== undefined) expect(controls({}, body).tags).toEqual(expected.tags);
  });

  it("takes a header over the body, and the key's tags over both", () => {
    const body = {
      user: "body",
      use_cache: false,
      models: ["b"],
      headgate: { timeout: 1, tags: { b: "1" } },
    };
    const headers = {
      "x-headgate-user": "header",
      "x-headgate-cache": "only",
      "x-headgate-fallback": "h",
      "x-headgate-timeout": "2",
      "x-headgate-tags": "project=mine,x=1",
    };
    expect(controls(headers, body, { project: "fixed" })).toMatchObject({
      user: "header",
      cache: "only",
      fallback: ["h"],
      timeoutMs: 2,
      tags: { project: "fixed", x: "1" },
    });
  });

  it("keeps at most eight tags of metadata", () => {
    const metadata = Object.fromEntries(Array.from({ length: 16 }, (_, i) => [`k${i}`, "v"]));
    expect(Object.keys(controls({}, { metadata }).tags)).toHaveLength(8);
  });

  it("a tag named like a prototype's property is a tag and nothing else", () => {
    const { tags } = controls({ "x-headgate-tags": "__proto__=x,constructor=y" });
    expect(Object.entries(tags)).toEqual([
      ["__proto__", "x"],
      ["constructor", "y"],
    ]);
    expect(Object.getPrototypeOf(tags)).toBe(Object.prototype);
  });

  it.each([
    ["x-headgate-fallback", ["", ",", "a,", "a b", "é", Array(33).fill("m").join()]],
    ["x-headgate-cache", ["", "on", "OFF", "off,refresh"]],
    ["x-headgate-cache-ttl", ["", "0", "-1", "1.5", "1e3", "60s", "9999999999"]],
    ["x-headgate-timeout", ["", "0", "-5", "1.5", "x"]],
    ["x-headgate-recovery", ["", "retry"]],
    ["x-headgate-user", ["", "u".repeat(513)]],
    ["x-headgate-session", [""]],
    [
      "x-headgate-tags",
      [
        "",
        "project",
        "=x",
        "project=",
        "Project=x",
        "a-b=x",
        "a=1,a=2",
        "a=1,",
        `${"k".repeat(33)}=x`,
        `a=${"v".repeat(65)}`,
        Array.from({ length: 9 }, (_, i) => `k${i}=v`).join(),
      ],
    ],
  ])("a malformed %s is refused by name", (name, values) => {
    for (const value of values.filter((value) => !value.includes("é"))) {
      expect([value, refusal({ [name]: value })]).toEqual([value, `invalid_parameter ${name}`]);
    }
  });

  it.each([
    [{ headgate: [] }, "invalid_parameter headgate"],
    [{ headgate: "off" }, "invalid_parameter headgate"],
    [{ headgate: { fallback: "m1" } }, "invalid_parameter headgate.fallback"],
    [{ headgate: { fallback: [1] } }, "invalid_parameter headgate.fallback"],
    [{ headgate: { cache: true } }, "invalid_parameter headgate.cache"],
    [{ headgate: { cache_ttl: "60" } }, "invalid_parameter headgate.cache_ttl"],
    [{ headgate: { timeout: 0.5 } }, "invalid_parameter headgate.timeout"],
    [{ headgate: { timeout: Number.POSITIVE_INFINITY } }, "invalid_parameter headgate.timeout"],
    [{ headgate: { tags: { A: "x" } } }, "invalid_parameter headgate.tags"],
    [{ headgate: { tags: { a: 1 } } }, "invalid_parameter headgate.tags"],
    [{ headgate: { tags: { a: "😀".repeat(65) } } }, "invalid_parameter headgate.tags"],
    [{ headgate: { recovery: "resume" } }, "invalid_parameter headgate.recovery"],
    [{ headgate: { api_base: "http://evil.test" } }, "unknown_field headgate.api_base"],
    [{ headgate: { ttl: 1 } }, "unknown_field headgate.ttl"],
    [{ fallback_models: "m1" }, "invalid_parameter fallback_models"],
    [{ models: [""] }, "invalid_parameter models"],
    [{ use_cache: "no" }, "invalid_parameter use_cache"],
    [{ user: 7 }, "invalid_parameter user"],
    [{ user: "a\nb" }, "invalid_parameter user"],
    [{ metadata: { user_id: 7 } }, "invalid_parameter metadata.user_id"],
  ])("a body's %j is refused by name", (body, expected) => {
    expect(refusal({}, body)).toBe(expected);
  });

  it.each(["", "k".repeat(256), "a\tb"])("Idempotency-Key %j is refused", (key) => {
    expect(refusal({ "idempotency-key": key })).toBe("invalid_idempotency_key idempotency-key");
  });
});
