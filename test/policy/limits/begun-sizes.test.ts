import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { begunSizes } from "../../../src/policy/limits/begun-sizes.ts";
import { claude, said, sizesFor, targetOf } from "./hold-stage.ts";

const TURN = { role: "user", content: "What is the tide?" };
const BEGINNING = "The tide is the rise and fall of the sea, 汉字 and 😀 within it. ".repeat(9);
const WHOLE = sizesFor({ messages: [TURN, { role: "assistant", content: BEGINNING }] });
const alone = sizesFor({ messages: [TURN] });
const begun = begunSizes(alone, BEGINNING);

describe("a request that brings the beginning of its answer along", () => {
  it.each([targetOf(), claude(), targetOf({ upstream: "qwen3-max" })])(
    "is bounded as the conversation is that ends with it: $upstream",
    (target) => {
      expect(begun.tightBound(target)).toEqual(WHOLE.tightBound(target));
    },
  );

  it("is bounded from its bytes no tighter than by its parts", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 60 }), (beginning) => {
        const sizes = begunSizes(alone, beginning);
        const loose = sizes.looseBound(targetOf());
        expect(loose?.plain).toBe(true);
        expect(loose?.tokens).toBeGreaterThanOrEqual(
          sizes.tightBound(targetOf())?.tokens ?? Number.NaN,
        );
      }),
    );
  });

  it("has no bound where the request has none", () => {
    const image = { type: "image_url", image_url: { url: "https://example.com/tide.png" } };
    const sizes = sizesFor({ messages: [{ role: "user", content: [image] }] });
    const searching = targetOf({ upstream: "sonar-pro" });
    expect(begunSizes(sizes, BEGINNING).looseBound(targetOf())).toBeUndefined();
    expect(begun.tightBound(searching)).toBeUndefined();
  });

  it("is estimated as larger by the beginning, and at most by its bytes and a frame", () => {
    const added = begun.estimate() - alone.estimate();
    const whole = WHOLE.estimate() - alone.estimate();
    expect(added).toBeGreaterThan(0.8 * whole);
    expect(added).toBeLessThan(1.25 * whole);
    const bytes = new TextEncoder().encode(BEGINNING).length;
    expect(begun.most() - alone.most()).toBeGreaterThan(bytes);
    expect(begun.most() - alone.most()).toBeLessThan(bytes + 10);
  });

  it("orders what it ordered before", () => {
    expect(begunSizes(sizesFor(said("tide", { max_tokens: 7, n: 2 })), "T").output()).toEqual({
      ...{ cap: 7, answers: 2 },
    });
  });
});
