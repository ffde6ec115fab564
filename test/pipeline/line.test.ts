import { describe, expect, it } from "vitest";
import { createFramer, type Frame } from "../../src/base/sse.ts";
import { openaiChat } from "../../src/dialects/openai-chat/dialect.ts";
import type { ChatEvent } from "../../src/domain/event.ts";
import { type Line, learn, noFacts } from "../../src/pipeline/line.ts";
import { createPassLine } from "../../src/pipeline/pass-line.ts";
import { createSpliceLine } from "../../src/pipeline/splice-line.ts";
import { createTranslateLine } from "../../src/pipeline/translate-line.ts";
import { prefillSplice, verifySplice } from "../../src/policy/resilience/recovery.ts";
import { chunks, DONE } from "../support/pipeline.ts";

const text = (choice: number): ChatEvent => ({ type: "text", choice, text: "a" });
const finish = (choice: number): ChatEvent => ({ type: "finish", choice, reason: "stop" });
const end: ChatEvent = { type: "end" };

describe("nothing of the answers is missing", () => {
  it.each<[string, number, readonly ChatEvent[], boolean]>([
    ["of one that has finished", 1, [text(0), finish(0)], true],
    ["of one that has only ended", 1, [text(0), end], false],
    ["of two that have finished", 2, [text(0), text(1), finish(1), finish(0)], true],
    ["of two, one of which has finished twice", 2, [text(0), finish(0), finish(0)], false],
    ["of two, one of which has begun and not finished", 2, [text(0), text(1), finish(0)], false],
    ["of two, one of which is left open at the end", 2, [text(0), text(1), finish(0), end], false],
    ["of two asked for, one given and the end told", 2, [text(0), finish(0), end], true],
    ["of two asked for, one given and no end told", 2, [text(0), finish(0)], false],
    ["of two asked for, none given", 2, [end], false],
  ])("%s", (_, asked, events, finished) => {
    const facts = noFacts(asked);
    for (const event of events) learn(facts, event);
    expect(facts.finished).toBe(finished);
  });

  it("of two errors the first is told", () => {
    const facts = noFacts();
    learn(facts, { type: "error", body: "first" });
    learn(facts, { type: "error", body: "second" });
    expect(facts.error).toBe("first");
  });
});

const writer = () =>
  openaiChat.stream.encoder({ requestId: "r", created: 1, includeUsage: false, from: "gemini" });
const LINES: Readonly<Record<string, () => Line>> = {
  "that passes": () =>
    createPassLine(openaiChat, {
      ...{ answers: 1, usageChunk: false, coda: () => ({}), mustTell: () => false },
    }),
  "that is translated": () => createTranslateLine(openaiChat, noFacts(), writer()),
  "that is spliced": () => createSpliceLine(openaiChat, noFacts(), writer(), [], prefillSplice("")),
};
const framesOf = (stream: string): readonly Frame[] =>
  createFramer().push(new TextEncoder().encode(stream));
const said = (pieces: readonly Uint8Array[]): string =>
  pieces.map((piece) => new TextDecoder().decode(piece)).join("");

describe.each(Object.entries(LINES))("a stream %s", (_, create) => {
  it("goes on without what cannot be read, and counts it", () => {
    const line = create();
    const broken = `: a comment\n\ndata: {half\n\ndata: [1]\n\n`;
    const out = said(
      line.take(
        framesOf(
          chunks({ content: "he" }) +
            broken +
            chunks({ content: "llo" }, { finish: "stop" }) +
            DONE,
        ),
      ),
    );
    expect([...out.matchAll(/"content":"(\w+)"/g)].map(([, word]) => word)).toEqual(["he", "llo"]);
    expect(out).not.toContain("half");
    expect(line.facts).toMatchObject({ events: 4, malformed: 2, finished: true, ended: true });
  });
});

it.each(["that is translated", "that is spliced"])(
  "a stream %s says nothing once it has ended",
  (name) => {
    const line = LINES[name]?.();
    const whole = chunks({ content: "he" }, { finish: "stop" }) + DONE;
    const out = said(line?.take(framesOf(whole + chunks({ content: "llo" }))) ?? []);
    expect(out).toContain("he");
    expect(out).not.toContain("llo");
    expect(said(line?.take(framesOf(chunks({ content: "again" }))) ?? [])).toBe("");
    expect(said(line?.finish() ?? [])).toBe("");
  },
);

it.each([
  ["another text", chunks({ content: "ho" })],
  ["a finish before all has been said again", chunks({ content: "h" }, { finish: "stop" })],
  [
    "a tool call before all has been said again",
    chunks({ tool_calls: [{ index: 0, id: "c", function: { name: "f", arguments: "" } }] }),
  ],
])("an answer with %s does not go on from another", (_, stream) => {
  const before = [{ type: "text", choice: 0, text: "hell" }] as const;
  const line = createSpliceLine(openaiChat, noFacts(), writer(), before, verifySplice("hell"));
  expect(said(line.take(framesOf(stream + chunks({ content: "hello" }))))).toBe("");
  expect(line.facts).toMatchObject({ diverged: true, content: false });
});
