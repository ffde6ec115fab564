import { describe, expect, it } from "vitest";
import type { ChatRequest, Part } from "../../../src/domain/chat.ts";
import { estimateInput } from "../../../src/policy/tokens/estimate.ts";
import { upperBoundInput } from "../../../src/policy/tokens/upper-bound.ts";
import { requestOf, user } from "./request.ts";

const saying = (...content: Part[]): ChatRequest =>
  requestOf({ messages: [{ role: "user", content }] });
const image: Part = { type: "image", source: { kind: "url", url: "https://a.test/a.png" } };
const pdf: Part = {
  type: "file",
  source: { kind: "data", media_type: "application/pdf", data: "" },
};

describe("upperBoundInput", () => {
  it("grows by the bytes of a text, not by its characters", () => {
    const empty = upperBoundInput(saying({ type: "text", text: "" }), "gpt-4") ?? 0;
    expect(upperBoundInput(saying({ type: "text", text: "汉字" }), "gpt-4")).toBe(empty + 6);
  });

  it("takes an image for the provider's published maximum, sent or linked", () => {
    const empty = upperBoundInput(saying(), "claude") ?? 0;
    expect(upperBoundInput(saying(image), "claude")).toBe(empty + 4_800);
  });

  it("counts sealed thoughts by their length", () => {
    const plain = upperBoundInput(saying({ type: "thinking", text: "" }), "gemini") ?? 0;
    const sealed = saying({ type: "thinking", text: "", signature: "x".repeat(500) });
    expect(upperBoundInput(sealed, "gemini")).toBe(plain + 500);
  });

  // A model reads an Anthropic document's title and context, a tool's input_examples, a format's description: each
  // was free in a strict budget, however long.
  const WORDS = "word ".repeat(200);
  const document = { kind: "text", text: "" } as const;
  it.each<readonly [string, (words: string) => ChatRequest]>([
    ["a document's name", (filename) => saying({ type: "file", source: document, filename })],
    [
      "a document's context",
      (context) => saying({ type: "file", source: document, extra: { context } }),
    ],
    [
      "a citation that is given back",
      (quote) => saying({ type: "text", text: "", citations: [{ quote }] }),
    ],
    [
      "a message's own fields",
      (note) => requestOf({ messages: [{ role: "user", content: [], extra: { note } }] }),
    ],
    [
      "a tool's examples",
      (words) => requestOf({ tools: [{ name: "a", extra: { input_examples: [{ words }] } }] }),
    ],
    [
      "the description of a format",
      (description) =>
        requestOf({ response_format: { type: "json_schema", name: "a", schema: {}, description } }),
    ],
    ["a field that nobody knows", (documents) => requestOf({ extra: { documents } })],
  ])("grows by every byte of %s", (_, request) => {
    const short = upperBoundInput(request(""), "claude") ?? Number.NaN;
    expect(upperBoundInput(request(WORDS), "claude")).toBeGreaterThanOrEqual(short + WORDS.length);
  });

  const unbounded: readonly (readonly [string, ChatRequest, "gemini" | "claude" | "searching"])[] =
    [
      ["an image whose provider publishes no maximum", saying(image), "gemini"],
      ["a document", saying(pdf), "claude"],
      [
        "a block that only one dialect knows",
        saying({ type: "opaque", dialect: "anthropic-messages", raw: {} }),
        "claude",
      ],
      [
        "a provider's own tool",
        requestOf({ tools: [{ name: "web_search", native: {} }] }),
        "claude",
      ],
      ["servers whose tools are fetched", requestOf({ extra: { mcp_servers: [] } }), "claude"],
      ["xAI's own search", requestOf({ extra: { search_parameters: {} } }), "claude"],
      ["Qwen's own search", requestOf({ extra: { enable_search: true } }), "claude"],
      ["a model that searches by itself", saying({ type: "text", text: "a" }), "searching"],
    ];
  it.each(unbounded)("knows no bound with %s", (_, request, family) => {
    expect(upperBoundInput(request, family)).toBeUndefined();
  });

  it("takes a null for a field that is not there", () => {
    const request = requestOf({ extra: { web_search_options: null, plugins: null } });
    expect(upperBoundInput(request, "gpt-4")).toBeGreaterThan(0);
  });

  it("is above the estimate for every family, with tools and a schema", () => {
    const request = requestOf({
      messages: [user("Hello"), { role: "assistant", content: [{ type: "refusal", text: "No" }] }],
      tools: [{ name: "weather", parameters: { type: "object", properties: {} } }],
      tool_choice: "required",
      response_format: { type: "json_schema", name: "a", schema: { type: "object" } },
      reasoning: { budget_tokens: 1 },
    });
    for (const family of ["gpt-4", "gpt-5", "gpt-oss", "claude", "grok", "deepseek"] as const) {
      expect(upperBoundInput(request, family)).toBeGreaterThan(estimateInput(request, family));
    }
  });
});
