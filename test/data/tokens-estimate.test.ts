import { expect, it } from "vitest";
import { quantile } from "../../eval/data.ts";
import { recordedRequests } from "../../eval/recorded-requests.ts";
import { estimateInput } from "../../src/policy/tokens/estimate.ts";
import { familyOf } from "../../src/policy/tokens/families.ts";
import { upperBoundInput } from "../../src/policy/tokens/upper-bound.ts";
import { tokenizerOf } from "../support/rank-files.ts";
import { describeRecorded } from "../support/recorded-data.ts";

describeRecorded("recorded requests with their true usage", () => {
  it.each(["openai", "anthropic"])(
    "of %s are estimated within 0.8 to 1.3 (p10–p90)",
    (provider) => {
      const requests = recordedRequests().requests.filter(
        (request) => request.provider === provider,
      );
      expect(requests.length).toBeGreaterThan(100);
      const ratios = requests.map(({ kind, model, request, input }) => {
        const tokenizer = tokenizerOf(model);
        return estimateInput(request, familyOf(kind, model), tokenizer) / input;
      });
      expect(quantile(ratios, 0.1)).toBeGreaterThanOrEqual(0.8);
      expect(quantile(ratios, 0.9)).toBeLessThanOrEqual(1.3);
    },
  );

  it("never take more than the upper bound, at providers that count what they are sent", () => {
    // OpenRouter is left out: one of its recordings reports 687 tokens for a message of 3.
    const requests = recordedRequests().requests.filter(
      ({ provider }) => provider !== "openrouter",
    );
    const above = requests.filter(({ kind, model, request, input }) => {
      const bound = upperBoundInput(request, familyOf(kind, model));
      return bound !== undefined && bound < input;
    });
    expect(requests.length).toBeGreaterThan(500);
    expect(above.map(({ id }) => id)).toEqual([]);
  });
});
