import { describe, expect, it } from "vitest";
import { fold } from "../../../src/dialects/fold.ts";
import { DIALECTS } from "../../../src/dialects/index.ts";
import { encodeEvents } from "../../laws/dialects-streamed.ts";
import { fixtureEvents } from "../recorded-by-hand.ts";
import { translated } from "./translated.ts";

const OPENAI = DIALECTS["openai-chat"];
const ANTHROPIC = DIALECTS["anthropic-messages"];
const context = {
  requestId: "r",
  created: 1,
  includeUsage: true,
  from: "anthropic-messages" as const,
};
const events = fixtureEvents(ANTHROPIC, "thinking-tool.sse");

/** What a client keeps of a stream: texts joined, details and calls joined by index. */
const collected = (frames: string): Record<string, unknown> => {
  const message = { role: "assistant", content: "", tool_calls: [], reasoning_details: [] } as {
    role: string;
    content: string;
    tool_calls: { function: { arguments: string } }[];
    reasoning_details: { text?: string }[];
  };
  for (const data of frames.match(/(?<=^data: ){.*/gm) ?? []) {
    const delta = JSON.parse(data).choices[0]?.delta ?? {};
    message.content += delta.content ?? "";
    for (const { index, ...call } of delta.tool_calls ?? []) {
      const known = message.tool_calls[index];
      if (known === undefined) message.tool_calls[index] = call;
      else known.function.arguments += call.function.arguments;
    }
    for (const detail of delta.reasoning_details ?? []) {
      const known = message.reasoning_details[detail.index];
      const text = (known?.text ?? "") + (detail.text ?? "");
      message.reasoning_details[detail.index] = {
        ...known,
        ...detail,
        ...(detail.data ? {} : { text }),
      };
    }
  }
  return message;
};

const SIGNED = [
  { type: "thinking", thinking: "The user wants the weather.", signature: "EqQBsig" },
  { type: "redacted_thinking", data: "EmwKsealed" },
  { type: "text", text: "I look." },
  { type: "tool_use", id: "toolu_1", name: "weather", input: { city: "Oslo" } },
  { type: "tool_use", id: "toolu_2", name: "now", input: {} },
];

const whole = OPENAI.response.encode(fold(events), context) as {
  choices: { message: Record<string, unknown> }[];
};

describe("Claude's signed thoughts come back to it through an OpenAI client", () => {
  it.each([
    ["a whole answer", whole.choices[0]?.message ?? {}],
    ["a stream", collected(encodeEvents(OPENAI, events, context))],
  ])("after %s", (_how, message) => {
    const messages = [
      { role: "user", content: "Weather?" },
      message,
      { role: "tool", tool_call_id: "toolu_1", content: "cold" },
      { role: "tool", tool_call_id: "toolu_2", content: "12:00" },
    ];
    const { body, dropped } = translated("openai-chat", "anthropic-messages", { messages });
    expect((body["messages"] as unknown[])[1]).toEqual({ role: "assistant", content: SIGNED });
    expect(dropped).toEqual([]);
  });
});

describe("thoughts that Claude did not sign", () => {
  it.each([
    [{ reasoning_content: "Hm." }],
    [
      {
        reasoning_details: [
          { type: "reasoning.encrypted", data: "x", format: "openai-responses-v1" },
        ],
      },
    ],
  ])("are left out, and that is said: %j", (thoughts) => {
    const messages = [
      { role: "user", content: "?" },
      { role: "assistant", content: "So.", ...thoughts },
      { role: "user", content: "!" },
    ];
    const { body, dropped } = translated("openai-chat", "anthropic-messages", { messages });
    expect((body["messages"] as unknown[])[1]).toEqual({ role: "assistant", content: "So." });
    expect(dropped).toEqual(["messages[].reasoning_content"]);
  });
});

// Most OpenAI clients keep a message's text and its calls only, and in the middle of an agent's work another model's
// turns go on at Claude. Asked to think there, a model with a budget answers 400: "Expected `thinking` or
// `redacted_thinking`, but found `tool_use`".
describe("an agent's turn without its thoughts", () => {
  const call = { id: "toolu_1", type: "function", function: { name: "now", arguments: "{}" } };
  const result = { role: "tool", tool_call_id: "toolu_1", content: "12:00" };
  const calling = { role: "assistant", content: null, tool_calls: [call] };
  const signed = {
    reasoning_details: [
      { type: "reasoning.text", text: "Hm.", signature: "s", format: "anthropic-claude-v1" },
    ],
  };
  const OLD = "claude-sonnet-4-5";
  const NEW = "claude-opus-4-6";

  it.each([
    ["goes on without thinking", OLD, [calling, result], false],
    [
      "also with a word of the user's",
      OLD,
      [calling, result, { role: "user", content: "!" }],
      false,
    ],
    [
      "also where another provider thought",
      OLD,
      [{ ...calling, reasoning_content: "Hm." }, result],
      false,
    ],
    ["as does a beginning to go on from", OLD, [{ role: "assistant", content: "It is" }], false],
    ["thinks with its thoughts", OLD, [{ ...calling, ...signed }, result], true],
    ["thinks where the model decides itself", NEW, [calling, result], true],
    [
      "thinks again once its work is done",
      OLD,
      [calling, result, { role: "assistant", content: "Noon." }, { role: "user", content: "So?" }],
      true,
    ],
  ])("%s", (_fact, model, more, thinks) => {
    const messages = [{ role: "user", content: "Time?" }, ...more];
    const body = { messages, reasoning_effort: "low", max_tokens: 9000 };
    const to = translated("openai-chat", "anthropic-messages", body, { model });
    expect("thinking" in to.body).toBe(thinks);
    expect(to.dropped.includes("reasoning_effort")).toBe(!thinks);
  });
});
