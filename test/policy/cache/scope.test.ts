import { describe, expect, it } from "vitest";
import { scopeText } from "../../../src/policy/cache/scope.ts";

const caller = { org: "acme", team: "search", user: "ada", key: "k1" };
const same = (
  scope: "org" | "team" | "user" | "key",
  one: Partial<typeof caller> & { endUser?: string },
  other: Partial<typeof caller> & { endUser?: string },
): boolean =>
  scopeText(scope, { ...caller, ...one }, one.endUser) ===
  scopeText(scope, { ...caller, ...other }, other.endUser);

describe("who shares answers", () => {
  it.each([
    ["org", { team: "ads", user: "bob", key: "k2" }, true],
    ["org", { org: "other" }, false],
    ["team", { user: "bob", key: "k2" }, true],
    ["team", { team: "ads" }, false],
    ["team", { org: "other" }, false],
    ["user", { key: "k2" }, true],
    ["user", { user: "bob" }, false],
    ["user", { endUser: "ada" }, false],
    ["key", { user: "bob" }, true],
    ["key", { key: "k2" }, false],
    ["key", { org: "other" }, false],
  ] as const)("scope %s, other by %o: shared %s", (scope, change, shared) => {
    expect(same(scope, {}, change)).toBe(shared);
  });

  it("keys without a team share with each other and with no team", () => {
    const loose = { ...caller, team: undefined };
    expect(scopeText("team", loose, undefined)).toBe(
      scopeText("team", { ...loose, key: "k2" }, undefined),
    );
    expect(scopeText("team", loose, undefined)).not.toBe(scopeText("team", caller, undefined));
  });

  it("a key without any user shares with nobody at scope user", () => {
    const loose = { ...caller, user: undefined };
    expect(scopeText("user", loose, undefined)).not.toBe(
      scopeText("user", { ...loose, key: "k2" }, undefined),
    );
  });

  it("end users of one name in two teams are two people", () => {
    expect(same("user", { endUser: "7" }, { endUser: "7", team: "ads" })).toBe(false);
  });

  it("no name can be written so that it becomes another's scope", () => {
    expect(same("team", { org: 'a","b', team: "c" }, { org: "a", team: 'b","c' })).toBe(false);
  });
});
