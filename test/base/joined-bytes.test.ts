import { expect, it } from "vitest";
import { joinedBytes } from "../../src/base/joined-bytes.ts";

it("pieces are joined in their order, one is given back as it is, none is nothing", () => {
  const [one, two, none] = [Uint8Array.of(1), Uint8Array.of(2, 3), Uint8Array.of()];
  expect([...joinedBytes([one, none, two], 3)]).toEqual([1, 2, 3]);
  expect(joinedBytes([two], 2)).toBe(two);
  expect([...joinedBytes([], 0)]).toEqual([]);
});
