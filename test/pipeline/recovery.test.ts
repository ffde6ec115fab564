import { describe, expect, it } from "vitest";
import type { Dispatch } from "../../src/ports.ts";
import type { Played } from "../support/pipeline.ts";
import { DIALECTS, kindOf, played, stream } from "../support/recovered.ts";
import { answers, framesOf, said, WORDS } from "../support/recovery.ts";

const INBOUND = ["openai-chat", "anthropic-messages"] as const;

const COMBINATIONS = INBOUND.flatMap((inbound) =>
  DIALECTS.flatMap((first) => DIALECTS.map((second) => ({ inbound, first, second }))),
);

describe.each(COMBINATIONS)(
  "$inbound: $first cut, $second goes on",
  ({ inbound, first, second }) => {
    const frames = framesOf(first, WORDS);
    const cuts = frames.map((_, index) => index);

    it.each(["continue", "hold"] as const)(
      "%s gives the whole answer once, cut after any frame",
      async (recovery) => {
        for (const at of cuts) {
          const { text } = await played(inbound, first, second, recovery, (dispatch, count) =>
            count === 1 ? stream(frames.slice(0, at), "cut") : answers(kindOf(dispatch)),
          );
          expect({ at, ...said(inbound, text) }).toEqual({
            at,
            text: WORDS.join(""),
            whole: true,
            error: undefined,
          });
        }
      },
    );

    it("error ends every cut in an error frame, and tells no character twice", async () => {
      for (const at of cuts) {
        const { text, reply } = await played(inbound, first, second, "error", (dispatch, count) =>
          count === 1 ? stream(frames.slice(0, at), "cut") : answers(kindOf(dispatch)),
        );
        const heard = said(inbound, text);
        expect(WORDS.join("").startsWith(heard.text)).toBe(true);
        expect(reply.ok).toBe(true);
        expect(heard.whole).toBe(heard.error === undefined);
        if (heard.whole) expect(heard.text).toBe(WORDS.join(""));
      }
    });

    it("never passes off another answer as the same", async () => {
      const other = WORDS.map((word, index) => (index === 1 ? " OTHER" : word));
      const { text } = await played(inbound, first, second, "continue", (dispatch, count) =>
        count === 1
          ? stream(frames.slice(0, -2), "cut")
          : stream(framesOf(kindOf(dispatch), other)),
      );
      const heard = said(inbound, text);
      expect(heard).toMatchObject({ whole: false, error: "stream_interrupted" });
      expect(WORDS.join("").startsWith(heard.text)).toBe(true);
    });
  },
);

describe("what is told of a recovery", () => {
  it.each(INBOUND)("stands in the last event of %s", async (inbound) => {
    const frames = framesOf("openai", WORDS);
    const { text, stage } = await played(
      inbound,
      "openai",
      "anthropic",
      "continue",
      (dispatch, count) =>
        count === 1 ? stream(frames.slice(0, 4), "cut") : answers(kindOf(dispatch)),
    );
    const told = text.split("\n").filter((line) => line.includes('"headgate"'));
    expect(told).toHaveLength(1);
    expect(JSON.parse(told[0]?.slice(6) ?? "").headgate).toMatchObject({
      model: "anthropic-2",
      provider: "anthropic",
      attempts: 2,
      recovered: { from: "openai", to: "anthropic-2", at_chars: WORDS.slice(0, 3).join("").length },
    });
    expect(stage.records[0]).toMatchObject({ model: "anthropic-2", error_code: undefined });
  });
});

describe("prefill", () => {
  const cut = (play: (dispatch: Dispatch, count: number) => Played) =>
    played("openai-chat", "openai", "prefilled", "continue", (dispatch, count) =>
      count === 1 ? stream(framesOf("openai", WORDS).slice(0, 4), "cut") : play(dispatch, count),
    );

  it("sends the text so far as the assistant's last message and joins what follows", async () => {
    const { text, stage } = await cut(() => stream(framesOf("anthropic", WORDS.slice(3))));
    expect(said("openai-chat", text)).toMatchObject({ text: WORDS.join(""), whole: true });
    expect(JSON.parse(String(stage.sent[1]?.body)).messages.at(-1)).toMatchObject({
      role: "assistant",
    });
  });

  it("that is refused is learnt, and followed by a verified answer", async () => {
    const refusal: Played = {
      status: 400,
      body: JSON.stringify({
        type: "error",
        error: { type: "invalid_request_error", message: "no" },
      }),
    };
    const { text, stage } = await cut((_, count) => (count === 2 ? refusal : answers("anthropic")));
    expect(said("openai-chat", text)).toMatchObject({ text: WORDS.join(""), whole: true });
    expect(stage.deps.learned.refusesPrefill("prefilled")).toBe(true);
    expect(stage.records[0]).toMatchObject({ attempts: 3 });
  });
});

describe("restart", () => {
  it("says that what was heard is to be discarded, then gives a whole new answer", async () => {
    const frames = framesOf("openai", WORDS);
    const { text } = await played(
      "openai-chat",
      "openai",
      "gemini",
      "restart",
      (dispatch, count) =>
        count === 1
          ? stream(frames.slice(0, 4), "cut")
          : stream(framesOf(kindOf(dispatch), ["New", " words."])),
    );
    const [before = "", after = ""] = text.split(/data: [^\n]*"event":"restart"[^\n]*\n\n/);
    expect(said("openai-chat", before).text).toBe(WORDS.slice(0, 3).join(""));
    expect(said("openai-chat", after)).toMatchObject({ text: "New words.", whole: true });
  });
});

describe("a tool call", () => {
  it("is never gone on with", async () => {
    const call = { index: 0, id: "t", type: "function", function: { name: "f", arguments: '{"a' } };
    const chunk = { id: "c", object: "chat.completion.chunk", created: 1, model: "m" };
    const frame = `data: ${JSON.stringify({ ...chunk, choices: [{ index: 0, delta: { tool_calls: [call] }, finish_reason: null }] })}\n\n`;
    const { text, stage } = await played(
      "openai-chat",
      "openai",
      "gemini",
      "continue",
      (_dispatch, count) =>
        count === 1 ? stream([frame], "cut") : stream(framesOf("gemini", WORDS)),
    );
    expect(said("openai-chat", text)).toMatchObject({ whole: false, error: "stream_interrupted" });
    expect(stage.sent).toHaveLength(1);
  });
});
