import { describe, expect, it } from "vitest";
import { align, isMisspelling } from "../../../../src/policy/cache/semantic/align.ts";
import { kindOf } from "../../../../src/policy/cache/semantic/kind.ts";
import { plainForm } from "../../../../src/policy/cache/semantic/plain-form.ts";
import { stemOf, wordsOf } from "../../../../src/policy/cache/semantic/words.ts";

const texts = (turn: string): string[] => wordsOf(turn).map(({ text }) => text);

describe("words of a turn", () => {
  it.each([
    ["What's up?", ["what", "is", "up"]],
    ["I can't, don't and won't", ["i", "can", "not", "do", "not", "and", "will", "not"]],
    ["Python’s GIL", ["python", "gil"]],
    ["C++ or c#", ["c++", "or", "c#"]],
    ["3.5 kg, 10:30", ["3.5", "kg", "10:30"]],
    ["a == b", ["a", "==", "b"]],
    ["costs $5", ["costs", "$", "5"]],
    ["", []],
    ["?!", []],
  ])("%s", (turn, words) => {
    expect(texts(turn)).toEqual(words);
  });

  it.each([
    ["running", "run"],
    ["makes", "mak"],
    ["making", "mak"],
    ["movies", "movi"],
    ["movie", "movi"],
    ["studied", "studi"],
    ["study", "studi"],
    ["classes", "class"],
    ["bus", "bus"],
    ["straße", "straße"],
  ])("%s without its ending is %s", (word, stem) => {
    expect(stemOf(word)).toBe(stem);
  });

  it("a capital makes a name inside a sentence, not at its beginning", () => {
    const names = wordsOf("Where is Paris? Ask NASA. Where else").filter(({ name }) => name);
    expect(names.map(({ text }) => text)).toEqual(["paris", "nasa"]);
  });
});

describe("words that stand for each other", () => {
  it("a slip of one letter, not in the first one and not in a short word", () => {
    expect(isMisspelling("recieve", "receive")).toBe(true);
    expect(isMisspelling("goverment", "government")).toBe(true);
    expect(isMisspelling("ethane", "methane")).toBe(false);
    expect(isMisspelling("cat", "cot")).toBe(false);
    expect(isMisspelling("austria", "australia")).toBe(false);
  });

  it("each word stands for one other at most", () => {
    const { pairs, onlyA, onlyB } = align(wordsOf("new new york"), wordsOf("new york city"));
    expect(pairs).toEqual([
      [0, 0],
      [2, 1],
    ]);
    expect([onlyA.length, onlyB.length]).toEqual([1, 1]);
  });
});

describe("the kind of answer a turn asks for", () => {
  it.each([
    ["How do I swim?", "way"],
    ["What is the best way to swim?", "way"],
    ["Can you tell me how to swim?", "way"],
    ["How long is the Nile?", "amount"],
    ["What is a monad?", "thing"],
    ["What is the reason for rain?", "reason"],
    ["Why is it raining?", "reason"],
    ["What time is it?", "time"],
    ["If I leave now, when do I arrive?", "time"],
    ["Where is Oslo?", "place"],
    ["Who wrote it?", "person"],
    ["Is it raining?", "yes-or-no"],
    ["Can I swim there?", "yes-or-no"],
    ["Write a poem", "other"],
    ["", "other"],
  ])("%s: %s", (turn, kind) => {
    expect(kindOf(wordsOf(turn))).toBe(kind);
  });
});

describe("the form in which a turn is compared", () => {
  it.each([
    ["Today's Beijing weather?", "what is the beijing weather today"],
    ["The weather today in Oslo?", "what is the weather in oslo today"],
    ["Chances of rain?", "what is the chances of rain"],
    ["What is the weather today in Oslo?", "what is the weather in oslo today"],
    ["What is the news of today?", "what is the news of today"],
    ["Will it rain tomorrow if it is dry today?", "will it rain tomorrow if it is dry today"],
    ["Is it not tomorrow that we meet?", "is it not tomorrow that we meet"],
    ["Today's Beijing weather", "beijing weather today"],
    ["Is it raining?", "is it raining"],
    ["You like it?", "you like it"],
    ["Oslo is nice?", "oslo is nice"],
    ["Poison for weeds?", "poison for weeds"],
    ["¿Clima de hoy?", "clima de hoy"],
    ["", ""],
  ])("%s: %s", (turn, form) => {
    expect(plainForm(turn).map(({ text }) => text)).toEqual(form === "" ? [] : form.split(" "));
  });
});
