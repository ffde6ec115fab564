import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { speaksOfNow, trueUntil } from "../../../src/policy/cache/relative-time.ts";
import { ADVERBS } from "../../../src/policy/cache/relative-time-words.ts";

const NOON = Date.UTC(2026, 10, 21, 12);
const MIDNIGHT = Date.UTC(2026, 10, 22);
const NEVER = Number.POSITIVE_INFINITY;

describe("a text that means another time when it is said on another day", () => {
  it.each([
    "What is on the menu today?",
    "What’s today’s menu?",
    "Who is the president NOW",
    "the latest version of Node",
    "What happens this week in Berlin?",
    "who won last night",
    "sales of the past 10 days",
    "what is planned for the next few months",
    "What time is it in Tokyo?",
    "what is the date?",
    "what day is it",
    "three days ago",
    "will it rain tomorrow",
    "Was gibt es heute zu essen?",
    "Wie wird das Wetter am heutigen Abend?",
    "Wer gewann nächste Woche",
    "Wie spät ist es?",
    "Qu’est-ce qu’on mange aujourd'hui ?",
    "la météo de cette semaine",
    "les nouvelles actuelles",
    "¿Qué tiempo hará mañana?",
    "que tiempo hara manana",
    "noticias de la semana pasada",
    "el presidente actual de México",
    "il meteo di oggi",
    "as notícias de hoje",
    "het weer van vandaag",
    "какая сегодня погода",
    "今天天气怎么样",
    "明日の天気は？",
    "오늘 날씨 어때?",
    "आज का मौसम",
    // The accents as letters of their own, as some keyboards send them.
    "mañana".normalize("NFD"),
  ])("%s", (text) => {
    expect(speaksOfNow(text)).toBe(true);
  });

  it.each([
    "",
    "How do I reset my password?",
    "I know what snow is",
    "What is the capital of France?",
    "When did the Second World War end?",
    "What is the date of the battle of Hastings?",
    "What did Caesar do in March of 44 BC?",
    "How many days are in a week?",
    "Wie setze ich mein Passwort zurück?",
    "Comment changer de mot de passe ?",
    "首都はどこですか",
  ])("is not: %s", (text) => {
    expect(speaksOfNow(text)).toBe(false);
  });
});

describe("until when an answer is true", () => {
  const asks = (content: unknown) => ({ messages: [{ role: "user", content }] });

  it.each<[string, Record<string, unknown>, number]>([
    ["a day of its own", asks("What is on today?"), MIDNIGHT],
    ["no day", asks("What is a gateway?"), NEVER],
    [
      "a list of parts",
      asks([{ type: "image" }, { type: "text", text: "is this today" }]),
      MIDNIGHT,
    ],
    ["Gemini's turns", { contents: [{ parts: [{ text: "What is on today?" }] }] }, MIDNIGHT],
    ["one of Gemini's turns alone", { contents: { parts: [{ text: "news of today" }] } }, MIDNIGHT],
    ["a turn that is no turn", { messages: ["today", null, 3] }, NEVER],
    ["nothing at all", {}, NEVER],
    [
      "a system prompt with the date, which stands in the key",
      {
        messages: [
          { role: "system", content: "Today is Saturday." },
          { role: "user", content: "What is a gateway?" },
        ],
      },
      NEVER,
    ],
    [
      "an earlier turn that spoke of today",
      {
        messages: [
          { role: "user", content: "What is on today?" },
          { role: "assistant", content: "A film." },
          { role: "user", content: "Who made it?" },
        ],
      },
      NEVER,
    ],
    [
      "a question of today that a tool has answered since",
      {
        messages: [
          { role: "user", content: "What is on today?" },
          { role: "assistant", tool_calls: [] },
          { role: "user", content: [{ type: "tool_result", content: "A film" }] },
        ],
      },
      MIDNIGHT,
    ],
  ])("%s", (_, body, until) => {
    expect(trueUntil(body, NOON)).toBe(until);
  });

  it("the last moment of a day belongs to it, and midnight to the next", () => {
    const body = asks("today");
    expect(trueUntil(body, MIDNIGHT - 1)).toBe(MIDNIGHT);
    expect(trueUntil(body, MIDNIGHT)).toBe(MIDNIGHT + 86_400_000);
  });

  it("ends on the day it was asked, whatever stands round the word and however it is written", () => {
    const words = [...ADVERBS];
    const anyAround = fc.array(fc.constantFrom("what", "is", "the", "3", "menu", "für", "¿"));
    fc.assert(
      fc.property(fc.constantFrom(...words), anyAround, anyAround, fc.nat(), (word, a, b, ms) => {
        for (const written of [word, word.toUpperCase(), word.normalize("NFD")]) {
          const askedAt = NOON + ms * 1_000;
          const until = trueUntil(asks([...a, `${written},`, ...b].join(" ")), askedAt);
          expect(until).toBeGreaterThan(askedAt);
          expect(until - askedAt).toBeLessThanOrEqual(86_400_000);
          expect(new Date(until).toISOString()).toMatch(/T00:00:00\.000Z$/);
        }
      }),
    );
  });
});
