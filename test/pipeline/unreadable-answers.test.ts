import { describe, expect, it } from "vitest";
import { chat } from "../../src/pipeline/chat.ts";
import { askFor, createStage, textOf } from "../support/pipeline.ts";
import { CONFIG, MESSAGES, SECRETS } from "../support/recovery.ts";

type Kind = "openai" | "anthropic" | "gemini";

/** JSON that has an answer's field, and no answer in it. */
const NO_ANSWERS: Readonly<Record<Kind, readonly string[]>> = {
  openai: ['{"choices":null}', '{"choices":[7]}', '{"choices":[]}'],
  anthropic: ['{"content":null}', '{"content":"text"}'],
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
