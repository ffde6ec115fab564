import { expect, it } from "vitest";
import { begin } from "../../src/pipeline/run.ts";
import { toldHeaders } from "../../src/pipeline/told-headers.ts";
import { askFor, createStage } from "../support/pipeline.ts";
import { CONFIG, MESSAGES } from "../support/recovery.ts";

// As OpenAI writes them; what reads them waits too long, or not at all, where the form is another.
it.each([
  [0, "0ms"],
  [20, "20ms"],
  [999, "999ms"],
  [1_000, "1s"],
  [59_001, "1m0s"],
  [360_000, "6m0s"],
  [3_600_000, "1h0m0s"],
  [86_399_000, "23h59m59s"],
  [86_400_000, "24h0m0s"],
])("a limit that is free again in %i ms says %s", (resetMs, said) => {
  const stage = createStage(CONFIG, () => "unreachable");
  const run = begin(askFor(stage, { model: "openai", messages: MESSAGES }), "chat", 1);
  run.nearness = { requests: { limit: 10, remaining: 2.7, resetMs } };
  expect(toldHeaders(run, stage.clock.now())).toMatchObject({
    "x-ratelimit-limit-requests": "10",
    "x-ratelimit-remaining-requests": "2",
    "x-ratelimit-reset-requests": said,
  });
});
