import { describe, expect, it } from "vitest";
import { chat } from "../../src/pipeline/chat.ts";
import type { Dispatch } from "../../src/ports.ts";
import { askFor, createStage, type Played, textOf } from "../support/pipeline.ts";
import { answers, CONFIG, framesOf, MESSAGES, SECRETS, said, WORDS } from "../support/recovery.ts";

const DIALECTS = ["openai", "anthropic", "gemini"] as const;
const INBOUND = ["openai-chat", "anthropic-messages"] as const;
type Kind = (typeof DIALECTS)[number];
type Inbound = (typeof INBOUND)[number];
type Recovery = "continue" | "restart" | "hold" | "error";

/** A second model at the same kind of provider. */
const SECOND: Readonly<Record<string, string>> = {
  openai: "openai-2",
  anthropic: "anthropic-2",
  gemini: "gemini-2",
};

const kindOf = (dispatch: Dispatch): Kind =>
  DIALECTS.find((kind) => dispatch.url.includes(`//${kind}.`)) ?? "openai";

const played = async (
  inbound: Inbound,
  first: Kind,
  second: Kind | "prefilled",
  recovery: Recovery,
  play: (dispatch: Dispatch, count: number) => Played,
  more: Record<string, unknown> = {},
) => {
  const stage = createStage(CONFIG, play, SECRETS);
  const body = { model: first, messages: MESSAGES, max_tokens: 500, stream: true, ...more };
  const ask = askFor(stage, body, {
    dialect: inbound,
    endpoint: inbound === "openai-chat" ? "chat" : "messages",
    wishes: { recovery, fallback: [SECOND[second] ?? second] },
  });
  const calling = chat(stage.deps, ask);
  await stage.clock.advance(10);
  const reply = await calling;
  const reading = reply.ok ? textOf(reply.body) : Promise.resolve("");
  await stage.clock.advance(60_000);
  return { text: await reading, reply, stage };
};

const stream = (frames: readonly string[], ...end: ("cut" | "hang")[]): Played => ({
  type: "text/event-stream",
  body: [...frames, ...end],
});

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
            count === 1 ? stream(frames.slice(0, at), "cut") : answers(kindOf(dispatch), dispatch),
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
          count === 1 ? stream(frames.slice(0, at), "cut") : answers(kindOf(dispatch), dispatch),
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

// The first finish reason was taken for the end of all: an answer cut in its middle ended in [DONE].
describe("two answers to one request", () => {
  const chunk = (index: number, content: string, finish_reason: string | null = null): string => {
    const choices = [{ index, delta: { content }, finish_reason }];
    return `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "m", choices })}\n\n`;
  };
  const candidate = (index: number, text: string, finishReason?: string): string => {
    const candidates = [{ index, content: { role: "model", parts: [{ text }] }, finishReason }];
    return `data: ${JSON.stringify({ responseId: "r", modelVersion: "g", candidates })}\n\n`;
  };
  const first = {
    openai: [chunk(0, "One"), chunk(1, "Ano"), chunk(0, ".", "stop")],
    gemini: [candidate(0, "One"), candidate(1, "Ano"), candidate(0, ".", "STOP")],
  };
  const given = async (kind: "openai" | "gemini", recovery: Recovery, played_: Played) => {
    const play = () => played_;
    const { text, reply } = await played("openai-chat", kind, kind, recovery, play, { n: 2 });
    return reply.ok ? said("openai-chat", text) : reply.failure.code;
  };

  it.each(["openai", "gemini"] as const)("are not both whole when one of %s's is", async (kind) => {
    const broken = { whole: false, error: "stream_interrupted" };
    for (const ends of [["cut"], [], ["hang"]] as ("cut" | "hang")[][]) {
      expect(await given(kind, "continue", stream(first[kind], ...ends))).toMatchObject(broken);
    }
    expect(await given(kind, "hold", stream(first[kind], "cut"))).toBe("upstream_error");
  });

  it("are whole when both are, without a terminal mark", async () => {
    const both = stream([...first.openai, chunk(1, "ther", "stop")]);
    expect(await given("openai", "continue", both)).toMatchObject({ whole: true });
  });

  it("are one where the provider gives only one and says that it is all", async () => {
    const one = stream([chunk(0, "One.", "stop"), "data: [DONE]\n\n"]);
    expect(await given("openai", "hold", one)).toMatchObject({ text: "One.", whole: true });
  });
});

describe("what is told of a recovery", () => {
  it.each(INBOUND)("stands in the last event of %s", async (inbound) => {
    const frames = framesOf("openai", WORDS);
    const { text, stage } = await played(
      inbound,
      "openai",
      "anthropic",
      "continue",
      (dispatch, count) =>
        count === 1 ? stream(frames.slice(0, 4), "cut") : answers(kindOf(dispatch), dispatch),
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
    const { text, stage } = await cut((dispatch, count) =>
      count === 2 ? refusal : answers("anthropic", dispatch),
    );
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
