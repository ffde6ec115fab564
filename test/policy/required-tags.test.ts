import { describe, expect, it } from "vitest";
import { missingTags } from "../../src/policy/required-tags.ts";

describe("required tags", () => {
  it.each([
    [[], {}, []],
    [[undefined, {}, { tags: {} }], {}, []],
    [[{ tags: { required: ["project"] } }], {}, ["project"]],
    [[{ tags: { required: ["project"] } }], { project: "x" }, []],
    [[{ tags: { required: ["project"] } }], { projects: "x" }, ["project"]],
    [
      [{ tags: { required: ["a", "b"] } }, { tags: { required: ["b", "c"] } }],
      { a: "1" },
      ["b", "c"],
    ],
    [[{ tags: { required: ["constructor"] } }], {}, ["constructor"]],
  ])("of %j, of a request with %j, lack %j", (policies, tags, missing) => {
    expect(missingTags(policies, tags)).toEqual(missing);
  });
});
