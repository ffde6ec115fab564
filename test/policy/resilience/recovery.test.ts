import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  prefillSplice,
  recoveryMode,
  textSaid,
  verifySplice,
} from "../../../src/policy/resilience/recovery.ts";

describe("the mode", () => {
  it.each([
    [undefined, undefined, true, "continue"],
    [undefined, "hold", true, "hold"],
    ["error", "hold", true, "error"],
    ["restart", undefined, true, "restart"],
    ["restart", undefined, false, "error"],
  ] as const)("asked %s, configured %s, chat %s is %s", (asked, configured, isChat, mode) => {
    expect(recoveryMode(asked, configured, isChat)).toBe(mode);
  });
});

describe("the text said", () => {
  const start = { type: "start", id: "a", model: "m" } as const;
  const text = (words: string, choice = 0) => ({ type: "text", choice, text: words }) as const;
  it("is what the caller has read, without thoughts", () => {
    const thought = { type: "thinking", choice: 0, block: 0, text: "hm" } as const;
    expect(textSaid([start, thought, text("a"), text("b")])).toBe("ab");
  });

  it.each([
    ["a tool call", { type: "tool_call", choice: 0, call: 0, id: "x", name: "f" }],
    ["a refusal", { type: "refusal", choice: 0, text: "no" }],
    ["a second choice", text("a", 1)],
    ["a second choice's thought", { type: "thinking", choice: 1, block: 0, text: "hm" }],
    ["a finish", { type: "finish", choice: 0, reason: "stop" }],
  ] as const)("is nothing to go on from with %s", (_name, event) => {
    expect(textSaid([start, event])).toBeUndefined();
  });
});

const pieces = fc.array(fc.string({ unit: "grapheme", maxLength: 6 }), { maxLength: 12 });

describe("a verified splice", () => {
  it("lets through exactly what the caller has not seen, however the answer is cut", () => {
    fc.assert(
      fc.property(pieces, fc.nat(), (parts, at) => {
        const whole = parts.join("");
        const said = whole.slice(0, at % (whole.length + 1));
        const splice = verifySplice(said);
        const passed = parts.map((part) => splice.take(part));
        expect(said + passed.join("")).toBe(whole);
        expect(splice.done).toBe(true);
      }),
    );
  });

  it("refuses an answer that differs anywhere in what was said", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.nat(), (said, at) => {
        const index = at % said.length;
        const other = `${said.slice(0, index)}${said[index] === "x" ? "y" : "x"}${said.slice(index + 1)}`;
        expect(verifySplice(said).take(other)).toBeUndefined();
      }),
    );
  });
});

describe("a prefilled splice", () => {
  it("sends no white space at the end and shows it once", () => {
    const said = "One two \n";
    const splice = prefillSplice(said);
    expect(splice.prefill).toBe("One two");
    expect(said + splice.take(" ") + splice.take("\nthree")).toBe("One two \nthree");
  });

  it("takes an answer that goes on without the white space", () => {
    const splice = prefillSplice("One ");
    expect(splice.take("two")).toBe("two");
    expect(splice.take(" three")).toBe(" three");
  });
});
