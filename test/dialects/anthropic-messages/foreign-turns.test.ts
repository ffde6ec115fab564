import { describe, expect, it } from "vitest";
import { clearForeignTurns } from "../../../src/dialects/anthropic-messages/foreign-turns.ts";

const CLAUDE = "claude-sonnet-4-5";
const asked = { role: "user", content: "Time?" };
const call = { type: "tool_use", id: "call_1", name: "now", input: {} };
const own = { type: "tool_use", id: "toolu_1", name: "now", input: {} };
const result = (id: string) => ({
  role: "user",
  content: [{ type: "tool_result", tool_use_id: id, content: "12:00" }],
});
const said = (...content: object[]) => ({ role: "assistant", content });
const thought = (signature: string) => ({ type: "thinking", thinking: "Hm.", signature });
const thinking = { type: "enabled", budget_tokens: 2000 };

// Whoever sends an answer of Gemini's back to Claude, after a fallback or by a route, was refused from then on:
// "Invalid `signature` in `thinking` block", "tool_use.signature: Extra inputs are not permitted".
describe("turns of other models, sent back to Claude", () => {
  it("lose the thoughts that nobody signed, and Gemini's signatures", () => {
    const text = { type: "text", text: "I look." };
    const mixed = said(thought(""), { ...text, signature: "g" }, { ...call, signature: "g" });
    const messages = [asked, mixed, result("call_1")];
    expect(clearForeignTurns({ messages }, { model: CLAUDE })).toEqual({
      edits: { messages: [asked, said(text, call), result("call_1")] },
      dropped: ["messages[].content[].thinking", "messages[].content[].signature"],
    });
  });

  it("are left out where they were nothing but thoughts", () => {
    const messages = [asked, said(thought("")), { role: "user", content: "Well?" }];
    expect(clearForeignTurns({ messages }, { model: CLAUDE })?.edits).toEqual({
      messages: [asked, messages[2]],
    });
  });

  it.each([
    ["is not asked for", CLAUDE, [call], undefined],
    ["is not asked for", CLAUDE, [thought(""), own], undefined],
    [
      "is asked for where Claude has thought before its call",
      CLAUDE,
      [thought("s"), own],
      thinking,
    ],
    ["is asked for where the model decides itself", "claude-opus-4-6", [call], thinking],
  ])("thinking %s: %#", (_fact, model, content, left) => {
    const messages = [asked, said(...content), result("call_1")];
    const edits = clearForeignTurns({ messages, thinking }, { model })?.edits ?? {};
    expect({ thinking, ...edits }.thinking).toEqual(left);
  });
});

describe("a conversation goes to Claude as it is", () => {
  it.each([
    ["with all that Claude has signed", CLAUDE, [thought("s"), { type: "text", text: "a" }, own]],
    ["with a call of Claude's that had no thought before it", CLAUDE, [own]],
    ["with blocks that came later", CLAUDE, [{ type: "brand_new", signature: "" }, own]],
    ["where it is another that only speaks so", "glm-5", [thought(""), { ...call, signature: "" }]],
  ])("%s", (_fact, model, content) => {
    const messages = [asked, said(...content), result("call_1")];
    expect(clearForeignTurns({ messages, thinking }, { model })).toBeUndefined();
    expect(clearForeignTurns({ messages: "no list" }, { model })).toBeUndefined();
  });
});
