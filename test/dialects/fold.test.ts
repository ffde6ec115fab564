import { describe, expect, it } from "vitest";
import { fold } from "../../src/dialects/fold.ts";
import { unfold } from "../../src/dialects/unfold.ts";
import type { ChatEvent } from "../../src/domain/event.ts";

const text = (words: string, block?: number): ChatEvent => ({
  type: "text",
  choice: 0,
  text: words,
  ...(block === undefined ? {} : { block }),
});
const content = (...events: ChatEvent[]) => fold(events).choices[0]?.content;

describe("fold", () => {
  it("joins pieces of one text, and begins a new one after something else", () => {
    const call: ChatEvent = { type: "tool_call", choice: 0, call: 0, id: "a", name: "f" };
    expect(content(text("a"), text("b"), call, text("c"))?.map((part) => part.type)).toEqual([
      "text",
      "tool_call",
      "text",
    ]);
  });

  it("keeps adjacent texts apart where their blocks differ", () => {
    expect(content(text("a", 0), text("b", 0), text("c", 1))).toEqual([
      { type: "text", text: "ab" },
      { type: "text", text: "c" },
    ]);
  });

  it("puts a citation that comes before its text into that text", () => {
    const citation = { url: "https://a.example" };
    const event: ChatEvent = { type: "citation", choice: 0, block: 1, citation };
    expect(content(text("a", 0), event, text("b", 1))).toEqual([
      { type: "text", text: "a" },
      { type: "text", text: "b", citations: [citation] },
    ]);
  });

  it("joins arguments that arrive by turns with the call that they belong to", () => {
    const begin = (call: number): ChatEvent => ({
      type: "tool_call",
      choice: 0,
      call,
      id: `c${call}`,
      name: "f",
    });
    const args = (call: number, piece: string): ChatEvent => ({
      type: "tool_arguments",
      choice: 0,
      call,
      text: piece,
    });
    const parts = content(
      begin(0),
      begin(1),
      args(0, "{"),
      args(1, "["),
      args(0, "}"),
      args(1, "]"),
    );
    expect(parts?.map((part) => (part.type === "tool_call" ? part.arguments : ""))).toEqual([
      "{}",
      "[]",
    ]);
  });

  it("takes the last word on each count", () => {
    const usage = (counts: object): ChatEvent => ({ type: "usage", usage: counts });
    expect(
      fold([usage({ input_tokens: 9, output_tokens: 1 }), usage({ output_tokens: 5 })]).usage,
    ).toEqual({ input_tokens: 9, output_tokens: 5 });
  });

  it("says unknown for a stream that broke off", () => {
    expect(fold([text("half")]).choices[0]?.finish_reason).toBe("unknown");
  });

  it("orders alternatives by their index", () => {
    const finish = (choice: number): ChatEvent => ({ type: "finish", choice, reason: "stop" });
    expect(fold([finish(1), finish(0)]).choices.map(({ index }) => index)).toEqual([0, 1]);
  });

  it("is undone by unfold, which ends with the terminal mark", () => {
    const events = unfold(fold([{ type: "start", id: "a", model: "m" }, text("x")]));
    expect(events.map(({ type }) => type)).toEqual(["start", "text", "finish", "end"]);
  });
});
