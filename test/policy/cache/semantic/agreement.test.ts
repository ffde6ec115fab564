import { describe, expect, it } from "vitest";
import { disagreement } from "../../../../src/policy/cache/semantic/agreement.ts";
import { align } from "../../../../src/policy/cache/semantic/align.ts";
import { wordsOf } from "../../../../src/policy/cache/semantic/words.ts";

const between = (one: string, other: string): string | undefined =>
  disagreement(one, other, align(wordsOf(one), wordsOf(other)));

describe("what keeps two turns apart", () => {
  it.each([
    ["number", "What is 5% of 200?", "What is 6% of 200?"],
    ["number", "Summarise chapter 3", "Summarise chapter 4"],
    ["number", "How do I earn $100 a day?", "How do I earn €100 a day?"],
    ["number", "What happened on 2024-05-01?", "What happened on 2024-05-02?"],
    ["number", "Convert 3 miles", "Convert miles"],
    ["number", "Name two rivers", "Name three rivers"],
    ["unit", "What is 5 kg in stones?", "What is 5 lb in stones?"],
    ["unit", "How far is 10 km?", "How far is 10 miles?"],
    ["date", "Is the bank open on monday?", "Is the bank open on sunday?"],
    ["date", "What is the weather today?", "What is the weather tomorrow?"],
    ["negation", "Is it safe to eat raw eggs?", "Is it not safe to eat raw eggs?"],
    ["negation", "Foods with sugar", "Foods without sugar"],
    ["negation", "Why can I log in?", "Why can't I log in?"],
    ["opposite", "How do I lock my phone?", "How do I unlock my phone?"],
    ["opposite", "What is the maximum speed?", "What is the minimum speed?"],
    ["opposite", "How do I increase contrast?", "How do I decrease contrast?"],
    ["comparative", "Which is the cheapest plan?", "Which plan is there?"],
    ["comparative", "Who was the second president?", "Who was the third president?"],
    ["name", "What is the capital of France?", "What is the capital of Spain?"],
    ["name", "How do I install Python?", "How do I install Ruby?"],
    ["order", "How do I convert dollars to rupees?", "How do I convert rupees to dollars?"],
    ["order", "Why do Poles dislike Russians?", "Why do Russians dislike Poles?"],
    ["literal", "What does `a == b` do?", "What does `a = b` do?"],
    ["literal", "Summarise https://a.example/x", "Summarise https://a.example/y"],
    ["literal", "Is foo.com down?", "Is bar.com down?"],
    ["literal", "Mail ada@x.example", "Mail bob@x.example"],
    ["literal", "Rename user_id", "Rename user_key"],
    ["literal", 'Is "Out" a true story?', 'Is "In" a true story?'],
    ["literal", "What does == mean?", "What does != mean?"],
    ["language", "What is love?", "Что такое любовь?"],
    ["language", "Wie ist das Wetter in Berlin?", "Wie ist das Klima in Berlin?"],
    ["language", "¿Cuál es la capital de Francia?", "¿Cuál es el idioma de Francia?"],
    ["question", "How was the film made?", "When was the film made?"],
    ["question", "Can I learn guitar alone?", "How can I learn guitar alone?"],
    ["sensitive", "How do I kill weeds?", "How do I kill people?"],
    ["sensitive", "How do I blow up a balloon?", "How do I blow up a house?"],
  ])("%s: %s | %s", (reason, one, other) => {
    expect(between(one, other)).toBe(reason);
    expect(between(other, one)).toBe(reason);
  });

  it.each([
    ["How do I learn Python?", "How can I learn Python?"],
    ["What is the best way to learn Python?", "How do I learn Python?"],
    ["What's the capital of France?", "What is the capital of France?"],
    ["Can you tell me how tides work?", "How do tides work?"],
    ["What is the difference between TCP and UDP?", "What is the difference between UDP and TCP?"],
    ["How do I kill weeds?", "How can I kill weeds?"],
    ["What is a recieved pronunciation?", "What is a received pronunciation?"],
    ["Wie ist das Wetter?", "wie ist das wetter"],
    ["東京の天気は？", "東京の天気は"],
    ["Name three rivers", "Name 3 rivers"],
    ["From Rome to Oslo and from Oslo to Rome", "from Rome to Oslo and from Oslo to Rome"],
    ["Which is the biggest lake?", "Which is the largest lake?"],
    ["What can't I eat?", "What can I not eat?"],
  ])("nothing: %s | %s", (one, other) => {
    expect(between(one, other)).toBeUndefined();
    expect(between(other, one)).toBeUndefined();
  });
});
