import { describe, expect, it } from "vitest";
import { createRecentVectors } from "../../src/platform/semantic-vectors.ts";

const vector = (length: number, value = 1): Float32Array => new Float32Array(length).fill(value);

describe("vectors at hand", () => {
  it("are given again under their name, the newest of two", () => {
    const vectors = createRecentVectors(100);
    vectors.put("a", vector(2, 1));
    vectors.put("a", vector(2, 2));
    expect(vectors.get("a")).toEqual(vector(2, 2));
    expect(vectors.get("b")).toBeUndefined();
  });

  it("never hold more numbers than their bound: what was used least lately goes", () => {
    const vectors = createRecentVectors(10);
    vectors.put("a", vector(4));
    vectors.put("b", vector(4));
    vectors.get("a");
    vectors.put("c", vector(4));
    expect(vectors.get("b")).toBeUndefined();
    expect(vectors.get("a")).toBeDefined();
    vectors.put("huge", vector(11));
    // What is larger than all of it throws nobody out for nothing.
    expect(["a", "c", "huge"].filter((name) => vectors.get(name) !== undefined)).toEqual([
      "a",
      "c",
    ]);
  });
});
