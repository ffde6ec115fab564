import { describe, expect, it } from "vitest";
import { API_KEY_PATTERN, formatApiKey, parseApiKey } from "../../src/domain/api-key.ts";

const parts = { tenant: "acme0001", id: "3f9k2m1q", secret: `Aa0${"z".repeat(29)}` };
const key = formatApiKey(parts, "TagTag12");

describe("parseApiKey", () => {
  it("reads the parts of a key by their places", () => {
    expect(key).toBe(`hg_live_acme00013f9k2m1qAa0${"z".repeat(29)}_TagTag12`);
    expect(parseApiKey(key)).toEqual({ ...parts, signed: key.slice(0, -9), tag: "TagTag12" });
  });

  it.each([
    ["nothing", ""],
    ["another prefix", key.replace("hg_live_", "hg_test_")],
    ["a capital in an id", key.replace("3f9k", "3F9k")],
    ["one character less", key.slice(0, -1)],
    ["one character more", `${key}x`],
    ["a letter outside ASCII", key.replace("z", "ż")],
    ["a line end behind it", `${key}\n`],
    ["a space before it", ` ${key}`],
    ["two keys joined by a comma", `${key}, ${key}`],
    ["8 KB", key.padEnd(8192, "a")],
  ])("refuses %s", (_, text) => {
    expect(parseApiKey(text)).toBeUndefined();
  });
});

describe("API_KEY_PATTERN", () => {
  it("finds a key inside a text", () => {
    expect(`authorization: Bearer ${key}, x`.match(API_KEY_PATTERN)?.[0]).toBe(key);
  });

  it("does not match a longer run of letters", () => {
    expect(API_KEY_PATTERN.test(`${key}abc`)).toBe(false);
  });
});
