import { describe, expect, it } from "vitest";
import type { Target } from "../../../src/domain/target.ts";
import {
  BALANCED,
  claude,
  held,
  outcome,
  PROMPT,
  STRICT,
  STRICT_TOKENS,
  said,
  sizesFor,
  targetOf,
} from "./hold-stage.ts";

const demo = targetOf({ kind: "demo", upstream: "demo", price: { input: 0, output: 0 } });

describe("a strict hold", () => {
  it("takes every byte of the body for a token, and every answer for one of full length", () => {
    const body = said(PROMPT, { max_tokens: 100, n: 3 });
    const { cost } = held(targetOf(), sizesFor(body), STRICT);
    const input = cost.tokens - 300;
    expect(input).toBeGreaterThan(JSON.stringify(body).length);
    expect(input).toBeLessThan(JSON.stringify(body).length + 200);
    expect(cost.nanoUsd).toBe(input * 1_000 + 300 * 4_000);
  });

  it("counts the bytes of a text, not its characters", () => {
    const [narrow = 0, wide = 0] = ["aaaa", "汉汉汉汉"].map(
      (text) => held(targetOf(), sizesFor(said(text)), STRICT).cost.tokens,
    );
    expect(wide - narrow).toBe(8);
  });

  it("looks closely where the looser bound could never pass", () => {
    const sizes = sizesFor(said('"'.repeat(1_000), { max_tokens: 10 }));
    const loose = held(targetOf(), sizes, STRICT).cost.tokens;
    const reserve = { ...STRICT, mostTokens: loose - 1 };
    const exact = held(targetOf(), sizes, reserve).cost.tokens;
    expect(exact).toBeLessThan(loose - 900);
    expect(exact).toBe(held(targetOf(), sizes, STRICT, true).cost.tokens);
  });

  it("charges n = 128 for 128 answers", () => {
    const [one, many] = [1, 128].map((n) =>
      held(targetOf(), sizesFor(said("Hi", { n, max_tokens: 1_000 })), STRICT),
    );
    const bytes = 2;
    expect((many?.cost.tokens ?? 0) - (one?.cost.tokens ?? 0)).toBe(127_000 + bytes);
  });

  it("charges an order beyond all numbers with the largest there is, not with nothing", () => {
    const target = targetOf({ context: undefined, maxOutput: undefined });
    const body = said("Hi", { n: 128, max_tokens: Number.MAX_SAFE_INTEGER });
    const { cost } = held(target, sizesFor(body), STRICT);
    expect(cost.tokens).toBe(Number.MAX_SAFE_INTEGER);
    expect(cost.nanoUsd).toBe(Number.MAX_SAFE_INTEGER);
  });

  it("charges a long input by the long-context tier", () => {
    const price = {
      input: 1_000_000,
      output: 4_000_000,
      above: { tokens: 500, input: 2_000_000, output: 8_000_000 },
    };
    const { cost } = held(
      targetOf({ price }),
      sizesFor(said(PROMPT.repeat(2), { max_tokens: 10 })),
      STRICT,
    );
    expect(cost.nanoUsd).toBe((cost.tokens - 10) * 2_000 + 10 * 8_000);
  });

  it("charges an hour's cache write only where something is marked for the cache", () => {
    const target = claude({ price: { input: 1_000_000, output: 0, cache_write_1h: 2_000_000 } });
    const marked = {
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: PROMPT, cache_control: { type: "ephemeral", ttl: "1h" } },
          ],
        },
      ],
    };
    const rate = (body: Record<string, unknown>): number => {
      const { cost } = held(
        target,
        sizesFor({ ...body, max_tokens: 0 }, "anthropic-messages"),
        STRICT,
      );
      return cost.nanoUsd / cost.tokens;
    };
    expect(rate(said(PROMPT))).toBe(1_000);
    expect(rate(marked)).toBe(2_000);
  });

  it("gives embeddings no output and no cap", () => {
    const sizes = sizesFor({ model: "e", input: ["one", "two"] }, "openai-chat", "embeddings");
    const target = targetOf({ context: undefined, maxOutput: undefined });
    const { cost, outputCap } = held(target, sizes, STRICT);
    expect(cost.tokens).toBe('{"model":"e","input":["one","two"]}'.length);
    expect(outputCap).toBeUndefined();
  });

  it("counts the token ids of embeddings in its estimate", () => {
    const sizes = sizesFor({ model: "e", input: [[1, 2, 3], [4]] }, "openai-chat", "embeddings");
    expect(held(targetOf(), sizes, BALANCED).floor.tokens).toBeGreaterThanOrEqual(4);
  });

  it("knows how the built-in model counts: 20 calls of 32 tokens fit 100 tokens one after another", () => {
    const words = Array.from({ length: 16 }, () => "word").join(" ");
    const { cost } = held(demo, sizesFor(said(words, { max_tokens: 16 })), STRICT);
    expect(cost.tokens).toBeGreaterThanOrEqual(32);
    expect(cost.tokens).toBeLessThanOrEqual(100);
  });

  it.each([
    ["a plain text by its bytes", said(PROMPT)],
    ["anything else by a sample", { ...said(PROMPT), tools: [] }],
  ])("estimates what an unheard-of end costs: %s", (_, body) => {
    const { floor, cost } = held(targetOf(), sizesFor(body), STRICT);
    expect(floor.tokens).toBeGreaterThan(50);
    expect(floor.tokens).toBeLessThan(200);
    expect(floor.nanoUsd).toBe(floor.tokens * 1_000);
    expect(floor.tokens).toBeLessThan(cost.tokens);
  });
});

describe("what has no bound", () => {
  const image = (url: string) => ({
    messages: [{ role: "user", content: [{ type: "image_url", image_url: { url } }] }],
  });
  const LINK = "https://a.test/a.png";
  const NEUTRAL = targetOf({ upstream: "mistral-large", kind: "mistral" });
  type Row = readonly [string, Target, Record<string, unknown>];

  const always: readonly Row[] = [
    ["a linked image whose provider publishes no maximum", NEUTRAL, image(LINK)],
    [
      "a file",
      targetOf(),
      { messages: [{ role: "user", content: [{ type: "file", file: { file_id: "f" } }] }] },
    ],
    ["a model that searches by itself", targetOf({ upstream: "sonar" }), said("Hi")],
    ["web search", targetOf(), said("Hi", { web_search_options: {} })],
    ["a body that cannot be read", targetOf(), said("Hi", { tools: "none" })],
  ];
  it.each(always)("%s is refused by every strict limit", (_, target, body) => {
    expect(outcome(target, sizesFor(body), STRICT)).toBe("unbounded");
    expect(outcome(target, sizesFor(body), STRICT_TOKENS)).toBe("unbounded");
    expect(held(target, sizesFor(body), BALANCED).cost.tokens).toBeGreaterThan(0);
  });

  it("an image with a published maximum is held for, linked or not", () => {
    expect(held(targetOf(), sizesFor(image(LINK)), STRICT).cost.tokens).toBeGreaterThan(48_169);
  });

  it("images are charged one by one where a provider bills them so", () => {
    const price = { input: 0, output: 0, image: 1_000_000 };
    expect(held(targetOf({ price }), sizesFor(image(LINK)), STRICT).cost.nanoUsd).toBe(1_000_000);
  });

  const dearer: readonly Row[] = [
    ["OpenAI's priority tier", targetOf(), said("Hi", { service_tier: "priority" })],
    ["OpenAI's fast tier", targetOf(), said("Hi", { service_tier: "fast" })],
    ["a tier that nobody knows", targetOf(), said("Hi", { service_tier: { a: 1 } })],
    ["pictures in the answer", targetOf(), said("Hi", { modalities: ["text", "image"] })],
    ["a model that draws", targetOf({ upstream: "gpt-image-1" }), said("Hi")],
    [
      "a choice among servers of OpenRouter",
      targetOf({ kind: "openrouter" }),
      said("Hi", { provider: { only: ["a"] } }),
    ],
  ];
  it.each(dearer)("%s is refused by strict budgets alone", (_, target, body) => {
    expect(outcome(target, sizesFor(body), STRICT)).toBe("unbounded");
    expect(held(target, sizesFor(body), STRICT_TOKENS).cost.tokens).toBeGreaterThan(0);
  });

  it.each(["auto", "default", "flex", "on_demand", null])("the tier %s costs no more", (tier) => {
    expect(typeof outcome(targetOf(), sizesFor(said("Hi", { service_tier: tier })), STRICT)).toBe(
      "object",
    );
  });

  it.each([
    [{ speed: "fast" }, "unbounded"],
    [{ inference_geo: "us" }, "unbounded"],
    [{ context_management: { edits: [{ type: "compact_20260112" }] } }, "unbounded"],
    [{ mcp_servers: [{ type: "url" }] }, "unbounded"],
    [{ speed: "standard", inference_geo: "global" }, undefined],
    [{ service_tier: "standard_only" }, undefined],
    [{ context_management: { edits: [{ type: "clear_thinking_20251015" }] } }, undefined],
  ])("Anthropic's %j", (fields, refused) => {
    const sizes = sizesFor(said("Hi", { max_tokens: 10, ...fields }), "anthropic-messages");
    const found = outcome(claude(), sizes, STRICT);
    expect(typeof found === "string" ? found : undefined).toBe(refused);
  });

  it("a tier is not told to a target of another dialect", () => {
    const sizes = sizesFor(said("Hi", { service_tier: "priority" }));
    expect(typeof outcome(claude(), sizes, STRICT)).toBe("object");
  });

  it("an unknown price is refused by strict budgets alone, and is no money", () => {
    const target = targetOf({ price: undefined });
    expect(outcome(target, sizesFor(said("Hi")), STRICT)).toBe("unpriced");
    expect(held(target, sizesFor(said("Hi")), STRICT_TOKENS).cost.nanoUsd).toBe(0);
    expect(held(target, sizesFor(said("Hi")), BALANCED).cost.nanoUsd).toBe(0);
  });
});
