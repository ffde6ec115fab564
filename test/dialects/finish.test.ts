import { expect, it } from "vitest";
import { decodeFinish as ofAnthropic } from "../../src/dialects/anthropic-messages/finish.ts";
import { decodeFinish as ofGemini } from "../../src/dialects/gemini/finish.ts";
import { decodeFinish as ofOpenAi } from "../../src/dialects/openai-chat/finish.ts";

// Every object has these names: looked up as they came, they were functions in the place of a reason.
it.each(["constructor", "valueOf", "__proto__", "novel", 7, null])(
  "a finish reason %j that no dialect has is unknown",
  (reason) => {
    const read = [ofAnthropic(reason), ofGemini(reason, false), ofOpenAi(reason, false)];
    expect(read).toEqual(["unknown", "unknown", "unknown"]);
  },
);

// Snowflake gives "" with every answer: an agent that goes by the reason never ran the tools that it was asked to.
it.each(["", null, undefined, "stop"])("with tools called, %j is their reason", (reason) => {
  expect([ofOpenAi(reason, true), ofOpenAi("error", true)]).toEqual(["tool_calls", "unknown"]);
});
