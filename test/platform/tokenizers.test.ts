import { describe, expect, it } from "vitest";
import { loadTokenizer } from "../../src/platform/tokenizers.ts";

describe("loadTokenizer", () => {
  it("reads each encoding's rank file inside the Workers runtime", async () => {
    const o200k = await loadTokenizer("o200k_base");
    const cl100k = await loadTokenizer("cl100k_base");
    expect(o200k.encode("Hello world!")).toEqual([13225, 2375, 0]);
    expect(cl100k.encode("Hello world!")).toEqual([9906, 1917, 0]);
  });

  it("reads a rank file once", async () => {
    expect(await loadTokenizer("o200k_base")).toBe(await loadTokenizer("o200k_base"));
  });
});
