import { describe, expect, it } from "vitest";
import { hash32, shareOf } from "../../../src/policy/routing/stable-hash.ts";

describe("the place of a name", () => {
  // Whoever was in a canary yesterday, or talked with one model, is there today: a deploy moves nobody.
  it.each([
    ["", 0xab3e7c0b],
    ["a", 0x91e9da27],
    ["session-1", 0x30622b6e],
    ["Zürich 漢字", 0x776c84a3],
  ])("is the same in every version: %j", (name, hash) => {
    expect(hash32(name)).toBe(hash);
  });

  it("is as likely one as another, also of names that are counted up", () => {
    const tenths = Array.from({ length: 10 }, () => 0);
    for (let at = 0; at < 10_000; at += 1) {
      const tenth = Math.floor(shareOf("canary", `user-${at}`) * 10);
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }
    expect(Math.min(...tenths)).toBeGreaterThan(900);
    expect(Math.max(...tenths)).toBeLessThan(1_100);
  });

  it("keeps the parts of a name apart", () => {
    expect(shareOf("a", "bc")).not.toBe(shareOf("ab", "c"));
  });
});
