import { expect, it } from "vitest";
import { own } from "../../src/base/record.ts";

it.each([
  ["stop", 1],
  ["other", undefined],
  ["toString", undefined],
  ["constructor", undefined],
  ["__proto__", undefined],
])("%s stands in a table as %s", (name, found) => {
  expect(own({ stop: 1 }, name)).toBe(found);
});
