import { describe, expect, it } from "vitest";
import type { Played } from "../support/pipeline.ts";
import { DIALECTS, played, type Recovery, stream } from "../support/recovered.ts";
import { framesOf, said, WORDS } from "../support/recovery.ts";

// The end of a block had passed already, and whoever went on with it ended it once more.
it.each(DIALECTS)("a block of an answer that %s goes on with ends once", async (second) => {
  const frames = framesOf("anthropic", WORDS);
  for (const at of frames.keys()) {
    const { text } = await played(
      "anthropic-messages",
      "anthropic",
      second,
      "continue",
      (_, count) =>
        count === 1 ? stream(frames.slice(0, at), "cut") : stream(framesOf(second, WORDS)),
    );
    const types = [...text.matchAll(/^event: (.*)$/gm)].map(([, type]) => type);
    expect(types.filter((type) => type?.startsWith("content_block_st"))).toEqual([
      "content_block_start",
      "content_block_stop",
    ]);
    expect(types.slice(-3)).toEqual(["content_block_stop", "message_delta", "message_stop"]);
  }
});

// The probabilities of a whole chunk were given with its unseen half.
it("tokens that were given before are given with the rest of a chunk no second time", async () => {
  const chunk = (tokens: readonly string[], finish_reason: string | null = null): string => {
    const logprobs = { content: tokens.map((token) => ({ token, logprob: -1, top_logprobs: [] })) };
    const choice = { index: 0, delta: { content: tokens.join("") }, logprobs, finish_reason };
    const rest = { object: "chat.completion.chunk", created: 1, model: "m", choices: [choice] };
    return `data: ${JSON.stringify({ id: "c", ...rest })}\n\n`;
  };
  const { text } = await played("openai-chat", "openai", "openai", "continue", (_, count) =>
    count === 1 ? stream([chunk(["a", "b"])], "cut") : stream([chunk(["a", "b", "c"], "stop")]),
  );
  const told = [...text.matchAll(/"token":"(.)"/g)].map(([, token]) => token);
  expect(told).toEqual(["a", "b", "c"]);
});

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
