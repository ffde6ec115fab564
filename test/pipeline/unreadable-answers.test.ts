import { describe, expect, it } from "vitest";
import type { Reply } from "../../src/pipeline/ask.ts";
import { chat } from "../../src/pipeline/chat.ts";
import { askFor, createStage, textOf } from "../support/pipeline.ts";
import { CONFIG, framesOf, MESSAGES, SECRETS, WORDS } from "../support/recovery.ts";

type Kind = "openai" | "anthropic" | "gemini";

/** JSON that has an answer's field, and no answer in it. */
const NO_ANSWERS: Readonly<Record<Kind, readonly string[]>> = {
  openai: ['{"choices":null}', '{"choices":[7]}', '{"choices":[]}'],
  anthropic: ['{"content":null}', '{"content":"text"}', '{"content":[7]}'],
  gemini: ['{"candidates":null}', '{"candidates":[7]}', '{"candidates":[]}'],
};
const CALLERS = [
  { dialect: "openai-chat", endpoint: "chat" },
  { dialect: "anthropic-messages", endpoint: "messages" },
] as const;
const CASES = CALLERS.flatMap((caller) =>
  (["openai", "anthropic", "gemini"] as const).flatMap((kind) =>
    NO_ANSWERS[kind].map((body) => ({ ...caller, kind, body })),
  ),
);
const GOOD = JSON.stringify({
  ...{ id: "m", type: "message", role: "assistant", model: "c", stop_reason: "end_turn" },
  content: [{ type: "text", text: "from another" }],
});

// It was found out only when the answer was to be written: too late for another target, and paid for. Where the
// answer passes it was given as it was.
describe("a 200 without an answer in it", () => {
  it.each(CASES)("of $kind is invisible on $endpoint: $body", async ({ kind, body, ...caller }) => {
    const stage = createStage(CONFIG, (_, count) => ({ body: count === 1 ? body : GOOD }), SECRETS);
    const asked = { model: kind, messages: MESSAGES, max_tokens: 5 };
    const wishes = { fallback: ["anthropic-2"] };
    const reply = await chat(stage.deps, askFor(stage, asked, { ...caller, wishes }));
    expect(reply.ok && (await textOf(reply.body))).toContain("from another");
    expect(stage.records).toMatchObject([{ attempts: 2, fallback_from: kind }]);
  });

  it.each(CASES)("of $kind is told on $endpoint, and free: $body", async (row) => {
    const { kind, body, ...caller } = row;
    const stage = createStage(CONFIG, () => ({ body }), SECRETS);
    const asked = { model: kind, messages: MESSAGES, max_tokens: 5 };
    const wishes = { fallback: "none" } as const;
    expect(await chat(stage.deps, askFor(stage, asked, { ...caller, wishes }))).toMatchObject({
      ...{ ok: false, failure: { code: "upstream_invalid" } },
    });
    expect(stage.records).toMatchObject([{ status: 502, attempts: 1, usage: undefined }]);
  });
});

describe("the type of an answer", () => {
  it("is known in capitals, too", async () => {
    const whole = { type: "Application/JSON", body: GOOD } as const;
    const stream = { type: "Text/Event-Stream", body: framesOf("anthropic", WORDS) } as const;
    const stage = createStage(CONFIG, (_, count) => (count === 1 ? whole : stream), SECRETS);
    for (const isStream of [false, true]) {
      const asked = { model: "anthropic", messages: MESSAGES, max_tokens: 5, stream: isStream };
      const reply = await chat(stage.deps, askFor(stage, asked));
      expect(reply.ok && (await textOf(reply.body))).toContain(isStream ? "[DONE]" : "another");
    }
  });
});

// Each try of a whole answer waited for it as long as for the answer itself: two minutes.
it.each([false, true])(
  "an error that does not end is judged by its status (stream: %s)",
  async (stream) => {
    const endless = { status: 500, body: ['{"error":{"mess', "hang"] } as const;
    const good = { type: "text/event-stream", body: framesOf("anthropic", WORDS) } as const;
    const next = stream ? good : { body: GOOD };
    const stage = createStage(CONFIG, (_, count) => (count === 1 ? endless : next), SECRETS);
    const wishes = { fallback: ["anthropic-2"] };
    const asked = { model: "openai", messages: MESSAGES, max_tokens: 5, stream };
    let reply: Reply | undefined;
    void chat(stage.deps, askFor(stage, asked, { wishes })).then((given) => {
      reply = given;
    });
    await stage.clock.advance(2_100);
    expect(reply).toMatchObject({ ok: true, headers: { "x-headgate-model": "anthropic-2" } });
  },
);
