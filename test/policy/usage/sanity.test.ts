import { describe, expect, it } from "vitest";
import type { Usage } from "../../../src/domain/usage.ts";
import { type CheckedUsage, saneUsage } from "../../../src/policy/usage/sanity.ts";

const expected = { inputEstimate: 100, outputEstimate: 20, inputCap: 200, outputCap: 50 };

type Row = readonly [string, Usage | undefined, CheckedUsage];
const rows: readonly Row[] = [
  [
    "what is plausible as it is",
    { input_tokens: 90, cache_read_tokens: 10, output_tokens: 30, reasoning_tokens: 5 },
    {
      usage: { input_tokens: 90, cache_read_tokens: 10, output_tokens: 30, reasoning_tokens: 5 },
      estimated: false,
      suspect: [],
    },
  ],
  [
    "an explicit zero",
    { input_tokens: 0, output_tokens: 0 },
    { usage: { input_tokens: 0, output_tokens: 0 }, estimated: false, suspect: [] },
  ],
  [
    "our own counts where nothing was reported",
    undefined,
    { usage: { input_tokens: 100, output_tokens: 20 }, estimated: true, suspect: [] },
  ],
  [
    "our own count of the side that was not reported",
    { input_tokens: 90 },
    { usage: { input_tokens: 90, output_tokens: 20 }, estimated: true, suspect: [] },
  ],
  [
    "only the rest of the input beside cached tokens that were reported",
    { cache_read_tokens: 60, output_tokens: 1 },
    {
      usage: { cache_read_tokens: 60, input_tokens: 40, output_tokens: 1 },
      estimated: true,
      suspect: [],
    },
  ],
  [
    "our own count for a negative figure",
    { input_tokens: -5, output_tokens: 30 },
    {
      usage: { input_tokens: 100, output_tokens: 30 },
      estimated: true,
      suspect: ["input_tokens"],
    },
  ],
  [
    "our own count for a figure that is no whole number",
    { input_tokens: 90, output_tokens: 1.5 },
    {
      usage: { input_tokens: 90, output_tokens: 20 },
      estimated: true,
      suspect: ["output_tokens"],
    },
  ],
  [
    "no part that is impossible, and calls the whole the provider's still",
    { input_tokens: 90, output_tokens: 30, reasoning_tokens: Number.NaN },
    {
      usage: { input_tokens: 90, output_tokens: 30 },
      estimated: false,
      suspect: ["reasoning_tokens"],
    },
  ],
  [
    "ten times what was held for an absurd figure",
    { input_tokens: 1_000_000_000, output_tokens: 501 },
    {
      usage: { input_tokens: 2_000, output_tokens: 500 },
      estimated: true,
      suspect: ["input_tokens", "output_tokens"],
    },
  ],
  [
    "exactly ten times what was held as it is",
    { input_tokens: 2_000, output_tokens: 500 },
    { usage: { input_tokens: 2_000, output_tokens: 500 }, estimated: false, suspect: [] },
  ],
];

describe("saneUsage", () => {
  it.each(rows)("keeps %s", (_, reported, checked) => {
    expect(saneUsage(reported, expected)).toEqual(checked);
  });

  it("adds no output to a call that has none", () => {
    const embedding = { ...expected, outputEstimate: undefined };
    expect(saneUsage({ input_tokens: 9 }, embedding)).toEqual({
      usage: { input_tokens: 9 },
      estimated: false,
      suspect: [],
    });
  });
});
