import { describe, expect, it } from "vitest";
import type { ChatRequest } from "../../../src/domain/chat.ts";
import { countText, estimateInput } from "../../../src/policy/tokens/estimate.ts";
import { tokenizerFor } from "../../support/rank-files.ts";
import { requestOf, user } from "./request.ts";

const o200k = tokenizerFor("o200k_base");
const hello = requestOf({ messages: [user("Hello world!")] });
const weather = { name: "weather", description: "Looks", parameters: { type: "object" } };

describe("estimateInput", () => {
  it("is OpenAI's own rule for its text: 3 a request, 4 a message, and the tokens", () => {
    expect(estimateInput(hello, "gpt-4", o200k)).toBe(3 + 4 + 3);
    const two = requestOf({ messages: [user("Hello world!"), user("Hello world!")] });
    expect(estimateInput(two, "gpt-4", o200k)).toBe(3 + 2 * (4 + 3));
  });

  it("counts without a tokenizer, about the same", () => {
    expect(estimateInput(hello, "gpt-4")).toBe(10);
  });

  // 24 MB of blanks kept an isolate busy for fifteen seconds, and with it everybody else's requests.
  it("gives a tokenizer a million characters at most, and counts the others about the same", () => {
    let given = 0;
    const count = (text: string): number => {
      given += text.length;
      return o200k.count(text);
    };
    const prose = "a cat sat on a mat ".repeat(20_000);
    const most = requestOf({ messages: Array.from({ length: 10 }, () => user(prose)) });
    const tokens = estimateInput(most, "gpt-4", { ...o200k, count });
    expect(given).toBe(2 * prose.length);
    expect(tokens / (5 * o200k.count(prose.repeat(2)))).toBeCloseTo(1, 1);
  });

  const more: readonly (readonly [string, Partial<ChatRequest>])[] = [
    ["a tool", { tools: [weather] }],
    ["a demanded tool call", { tools: [weather], tool_choice: "required" }],
    ["a provider's own tool", { tools: [{ name: "web_search", native: { type: "web_search" } }] }],
    [
      "a schema for the answer",
      { response_format: { type: "json_schema", name: "a", schema: { type: "object" } } },
    ],
    ["a thinking budget", { reasoning: { budget_tokens: 1_024 } }],
    [
      "an image",
      {
        messages: [
          ...hello.messages,
          {
            role: "user",
            content: [{ type: "image", source: { kind: "url", url: "https://a.test/a.png" } }],
          },
        ],
      },
    ],
    [
      "a tool call and its result",
      {
        messages: [
          ...hello.messages,
          {
            role: "assistant",
            content: [{ type: "tool_call", id: "1", name: "weather", arguments: "{}" }],
          },
          { role: "tool", tool_call_id: "1", content: [{ type: "text", text: "Rain" }] },
        ],
      },
    ],
  ];
  it.each(more)("is more with %s", (_, fields) => {
    const without = estimateInput(hello, "claude", o200k);
    const withIt = estimateInput(requestOf({ ...hello, ...fields }), "claude", o200k);
    expect(withIt).toBeGreaterThan(without);
  });

  it("is more with a demanded call than with an offered one", () => {
    const offered = requestOf({ ...hello, tools: [weather] });
    const demanded = requestOf({ ...offered, tool_choice: { name: "weather" } });
    expect(estimateInput(demanded, "claude")).toBe(estimateInput(offered, "claude") + 108);
  });

  it("leaves out thoughts from before the last question, and counts those after it", () => {
    const thought = {
      role: "assistant",
      content: [{ type: "thinking", text: "Let me think about this for a while." }],
    } as const;
    const empty = { role: "assistant", content: [] } as const;
    const of = (...messages: ChatRequest["messages"]) =>
      estimateInput(requestOf({ messages }), "claude", o200k);
    expect(of(thought, user("Why?"))).toBe(of(empty, user("Why?")));
    expect(of(user("Why?"), thought)).toBeGreaterThan(of(user("Why?"), empty));
  });
});

describe("countText", () => {
  it("is exact for OpenAI with its tokenizer, and scaled for others", () => {
    expect(countText("Hello world!", "gpt-5", o200k)).toBe(3);
    expect(countText("Hello world! ".repeat(100), "mistral", o200k)).toBe(
      Math.ceil(o200k.count("Hello world! ".repeat(100)) * 1.14),
    );
  });

  it("is 0 for nothing", () => {
    expect(countText("", "other")).toBe(0);
  });
});
