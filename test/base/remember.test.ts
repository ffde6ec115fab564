import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { remember } from "../../src/base/remember.ts";

describe("a map that remembers", () => {
  it("holds the values that were put in last, the newest at its end", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 9 })),
        fc.integer({ min: 1, max: 6 }),
        (keys, most) => {
          const map = new Map<number, number>();
          for (const [at, key] of keys.entries()) remember(map, key, at, most);
          const newest = [...new Map([...keys.entries()].map(([at, key]) => [key, at]))]
            .sort(([, a], [, b]) => a - b)
            .slice(-most);
          expect([...map]).toEqual(newest);
        },
      ),
    );
  });
});
