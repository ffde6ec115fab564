import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Journey, startJourney } from "../support/journey.ts";
import { TOKENS } from "../support/upstream-answer.ts";
import { PROVIDERS } from "../support/upstream-config.ts";

const AFTER = 12;
const SENT = TOKENS.slice(0, AFTER).join("");
const FAULTS = [
  `cut-after-${AFTER}-pace-5`,
  `end-after-${AFTER}-pace-5`,
  `stall-after-${AFTER}-pace-5`,
  `error-event-after-${AFTER}-pace-5`,
  `half-frame-${AFTER}-pace-5`,
];

let journey: Journey;
beforeAll(async () => {
  journey = await startJourney({
    models: FAULTS,
    config: { resilience: { max_retries: 0, recovery: "error", timeouts: { idle_ms: 400 } } },
  });
});
afterAll(() => journey?.dispose());

const messages = [{ role: "user" as const, content: "hi" }];
const CASES = PROVIDERS.flatMap((provider) => FAULTS.map((fault) => ({ provider, fault })));

describe.each(CASES)("F4 F14–F16 $provider breaks off: $fault", ({ provider, fault }) => {
  const model = `${provider}-${fault}`;

  it("gives the openai client what came, then an error, never an end that looks like success", async () => {
    const stream = await journey.openai.chat.completions.create({ model, messages, stream: true });
    let text = "";
    const finishes: unknown[] = [];
    const read = async (): Promise<void> => {
      for await (const chunk of stream) {
        text += chunk.choices[0]?.delta.content ?? "";
        finishes.push(...chunk.choices.map((choice) => choice.finish_reason).filter(Boolean));
      }
    };
    await expect(read()).rejects.toBeInstanceOf(OpenAI.APIError);
    expect(text).toBe(SENT);
    expect(finishes).toEqual([]);
  });

  it("gives a caller of /v1/messages what came, then an error event", async () => {
    const response = await journey.post("/v1/messages", {
      model,
      messages,
      max_tokens: 100,
      stream: true,
    });
    const events = (await response.text())
      .split("\n\n")
      .filter((event) => event !== "")
      .map((event) => JSON.parse(event.slice(event.indexOf("data: ") + 6)));
    const text = events.map((event) => event.delta?.text ?? "").join("");
    expect(text).toBe(SENT);
    expect(events.at(-1)).toMatchObject({
      type: "error",
      error: {
        code: expect.stringMatching(/^(stream_interrupted|upstream_timeout|upstream_error)$/),
      },
    });
    expect(events.map((event) => event.type)).not.toContain("message_stop");
  });
});
