import { describe, expect, it } from "vitest";
import { matches, mayUse } from "../../src/policy/model-access.ts";

describe("a pattern", () => {
  it.each([
    ["gpt-4o", "gpt-4o", true],
    ["gpt-4o", "gpt-4o-mini", false],
    ["*", "anything", true],
    ["gpt-*", "gpt-4o", true],
    ["gpt-*", "my-gpt-4o", false],
    ["*-mini", "gpt-4o-mini", true],
    ["a*b*c", "a-b-c", true],
    ["a*b*c", "acb", false],
    ["ab*ba", "aba", false],
    ["a.c", "abc", false],
  ])("%s against %s", (pattern, name, expected) => {
    expect(matches(pattern, name)).toBe(expected);
  });
});

describe("levels", () => {
  it("allow what all of them allow", () => {
    const policies = [
      { models: { allow: ["gpt-*"] } },
      undefined,
      { models: { allow: ["*-mini"] } },
    ];
    expect(mayUse(policies, "gpt-4o-mini")).toBe(true);
    expect(mayUse(policies, "gpt-4o")).toBe(false);
    expect(mayUse(policies, "claude-mini")).toBe(false);
  });

  it("deny what one of them denies", () => {
    expect(mayUse([{ models: { allow: ["*"] } }, { models: { deny: ["o1*"] } }], "o1-pro")).toBe(
      false,
    );
  });

  it("allow nothing with an empty list and all without one", () => {
    expect(mayUse([{ models: { allow: [] } }], "x")).toBe(false);
    expect(mayUse([{}], "x")).toBe(true);
  });
});
