import { expect, it } from "vitest";
import { charged } from "../../src/pipeline/charge.ts";
import type { Heard } from "../../src/pipeline/heard.ts";
import { said, sizesFor, targetOf } from "../policy/limits/hold-stage.ts";

const heard = (input: number): Heard => ({
  reported: { input_tokens: input, output_tokens: 5 },
  said: () => "hello",
  events: 1,
  isWhole: true,
});

// A price above 200,000 tokens was never met: what was reported of a short prompt was cut far below.
it.each([
  ["what fits into the model's context is taken at its word", 1_000_000, 250_000, 250_000],
  ["what does not is cut there", 1_000_000, 1_000_000_000, 1_000_000],
  ["of a model whose context nobody knows ten times a frame is taken", undefined, 250_000, 40_960],
])("%s", (_, context, reported, taken) => {
  const { usage, suspect } = charged({
    target: targetOf({ context }),
    sizes: sizesFor(said("hi")),
    bytes: 60,
    isInputOnly: false,
    heard: heard(reported),
  });
  expect(usage).toEqual({ input_tokens: taken, output_tokens: 5 });
  expect(suspect).toEqual(reported === taken ? [] : ["input_tokens"]);
});
