import { describe, expect, it } from "vitest";
import { type ComplexityRules, scoreOf } from "../../../src/policy/routing/complexity/score.ts";
import { SIGNAL_WEIGHTS } from "../../../src/policy/routing/complexity/signals.ts";
import { byTier } from "../../../src/policy/routing/complexity/tiers.ts";
import { gistOf } from "../../../src/policy/routing/request/read-gist.ts";
import { VECTORS } from "./complexity-vectors.ts";
import { candidateOf } from "./stage.ts";

const ask = (content: unknown) => gistOf("openai-chat", { messages: [{ role: "user", content }] });

const score = (messages: (typeof VECTORS)[number][2], rules?: ComplexityRules) =>
  typeof messages === "string"
    ? scoreOf(ask(messages), rules)
    : scoreOf(gistOf("openai-chat", { messages }), rules);

const vector = (name: string) => {
  const found = VECTORS.find(([one]) => one === name);
  if (found === undefined) throw new Error(name);
  return found[2];
};

describe("the complexity of a request", () => {
  it.each(VECTORS)("%s is %s", (_name, tiers, messages) => {
    expect(tiers).toContain(score(messages).tier);
  });

  it.each([
    ["a long proof", ["maths", "reasoning"]],
    ["a refactoring of many classes", ["code"]],
    ["a translation", ["routine"]],
    ["a bug with a stack trace", ["code"]],
  ])("says why: %s", (name, reasons) => {
    expect(score(vector(name)).reasons).toEqual(expect.arrayContaining(reasons));
  });

  it("gives reasons that are words for a header, four at most", () => {
    for (const [, , messages] of VECTORS) {
      const { reasons } = score(messages);
      expect(reasons.length).toBeGreaterThan(0);
      expect(reasons.length).toBeLessThanOrEqual(4);
      for (const reason of reasons)
        expect(["plain", ...Object.keys(SIGNAL_WEIGHTS)]).toContain(reason);
    }
  });

  it("reads the conversation and not only its last message", () => {
    const last = "And now the same for the product.";
    expect(score(last).tier).toBe("simple");
    expect(score(vector("the next question of a hard conversation")).score).toBeGreaterThan(
      score(last).score,
    );
  });

  it("is the same whichever dialect asks", () => {
    const text = String(vector("a long proof"));
    const openAi = scoreOf(ask(text));
    const messages = [{ role: "user", content: [{ type: "text", text }] }];
    expect(scoreOf(gistOf("anthropic-messages", { messages }))).toEqual(openAi);
    expect(scoreOf(gistOf("gemini", { contents: [{ role: "user", parts: [{ text }] }] }))).toEqual(
      openAi,
    );
  });

  it("finds the instruction at the end of a long text", () => {
    const story = "The committee met on Tuesday and agreed on the agenda. ".repeat(2_000);
    expect(score(`${story}\nTranslate the text above into Spanish.`).reasons).toContain("routine");
    const proof = String(vector("a long proof"));
    expect(score(`${story}\n${proof}`).tier).toBe("complex");
  });

  it("does not take data for a program, nor a list of choices for demands", () => {
    expect(score(vector("a conversion of JSON")).reasons).not.toContain("code");
    const choices = "Which of these is a mammal?\nA. trout\nB. bat\nC. eagle\nD. newt\nAnswer:";
    expect(score(choices).tier).not.toBe("complex");
  });

  it("says simple of nothing at all", () => {
    expect(scoreOf(gistOf("openai-chat", {}))).toMatchObject({ tier: "simple" });
    expect(scoreOf(gistOf("gemini", { contents: "?" }))).toMatchObject({ tier: "simple" });
  });

  it("can be told other thresholds and other weights", () => {
    const hi = "Hi! How are you today?";
    expect(score(hi, { thresholds: { moderate: -9, complex: -8 } }).tier).toBe("complex");
    const bug = vector("a bug with a stack trace");
    expect(score(bug, { signals: { code: 0, unheard_of: 9 } }).score).toBeLessThan(
      score(bug).score,
    );
  });
});

describe("the order of a complexity route", () => {
  const tiers = { simple: ["s"], moderate: ["m", "m-code"], complex: ["c", "m-code"] };
  const plain = new Set(["tools"] as const);
  const candidates = [
    candidateOf("s", { capabilities: plain }),
    candidateOf("m", { capabilities: plain }),
    candidateOf("m-code", { capabilities: new Set(["code"]) }),
    candidateOf("c", { capabilities: plain }),
  ];
  const order = (tier: "simple" | "moderate" | "complex", prefers: readonly ["code"] | [] = []) =>
    byTier(tiers, candidates, { tier, prefers, score: 0, reasons: [] }).map(
      ({ target }) => target.model,
    );

  it("goes on with stronger models, then with weaker ones", () => {
    expect(order("simple")).toEqual(["s", "m", "m-code", "c"]);
    expect(order("moderate")).toEqual(["m", "m-code", "c", "s"]);
    expect(order("complex")).toEqual(["c", "m-code", "m", "s"]);
  });

  it("puts those of the tier first that can do what the task is about", () => {
    expect(order("moderate", ["code"])).toEqual(["m-code", "m", "c", "s"]);
    expect(order("simple", ["code"])).toEqual(["s", "m-code", "m", "c"]);
  });
});
