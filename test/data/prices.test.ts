import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { build } from "../../scripts/prices.ts";
import type { ProviderKind } from "../../src/domain/target.ts";
import { lookupModel } from "../../src/policy/usage/model-table.ts";
import { describeRecorded, recordedDocument } from "../support/recorded-data.ts";

type Litellm = Record<string, Record<string, unknown>>;
type ModelsDev = Record<string, Record<string, { cost?: Record<string, number> }>>;

/** Kind, LiteLLM's prefix and models.dev's provider, for those whose names need no translation. */
const SAME: readonly (readonly [ProviderKind, string, string])[] = [
  ["openai", "", "openai"],
  ["anthropic", "", "anthropic"],
  ["gemini", "gemini/", "google"],
  ["groq", "groq/", "groq"],
  ["mistral", "mistral/", "mistral"],
  ["openrouter", "openrouter/", "openrouter"],
];

const micro = (usd: number | undefined, per: number): number | undefined =>
  usd === undefined ? undefined : Math.round(usd * per);

const litellm = recordedDocument<Litellm>("prices/litellm_model_prices.json") ?? {};
const modelsDev = recordedDocument<ModelsDev>("prices/models_dev.json") ?? {};

describeRecorded("the shipped price table", () => {
  it("is what the script makes of the sources", () => {
    const root = join(import.meta.dirname, "../..");
    const { table, page } = build(litellm, modelsDev);
    expect(readFileSync(join(root, "src/policy/usage/model-table.json"), "utf8")).toBe(table);
    expect(readFileSync(join(root, "docs/PRICES.md"), "utf8")).toBe(page);
  });

  it.each(SAME)(
    "has %s's input and output price where both sources agree, and no other",
    (kind, prefix, provider) => {
      let agreed = 0;
      for (const [name, { cost }] of Object.entries(modelsDev[provider] ?? {})) {
        const other = litellm[`${prefix}${name}`];
        if (other === undefined || !["chat", "responses"].includes(String(other["mode"]))) continue;
        const price = lookupModel(kind, name)?.price;
        const ours = price && [price.input, price.output];
        const theirs = [micro(cost?.["input"], 1e6), micro(cost?.["output"], 1e6)];
        const others = ["input_cost_per_token", "output_cost_per_token"].map((field) =>
          micro(other[field] as number | undefined, 1e12),
        );
        const agree = theirs.join() === others.join() && !theirs.includes(undefined);
        expect([name, ours]).toEqual([name, agree ? theirs : undefined]);
        if (agree) agreed++;
      }
      expect(agreed).toBeGreaterThan(5);
    },
  );

  it("raises cached input with input above the long-context border, as the sources do", () => {
    let compared = 0;
    for (const [kind, prefix] of SAME) {
      for (const [name, model] of Object.entries(litellm)) {
        const above = lookupModel(kind, name.slice(prefix.length))?.price?.above;
        const size = `above_${(above?.tokens ?? 0) / 1000}k_tokens`;
        const cached = model[`cache_read_input_token_cost_${size}`];
        if (above === undefined || !name.startsWith(prefix) || cached === undefined) continue;
        const factor = Number(cached) / Number(model["cache_read_input_token_cost"]);
        const price = lookupModel(kind, name.slice(prefix.length))?.price;
        expect([name, factor]).toEqual([
          name,
          expect.closeTo(above.input / (price?.input ?? 0), 6),
        ]);
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(5);
  });

  it("finds no dated name under an undated one of another price", () => {
    let compared = 0;
    for (const [kind, prefix] of SAME) {
      for (const [name, model] of Object.entries(litellm)) {
        const provider = kind === "openrouter" ? "openrouter" : kind;
        const upstream = name.slice(prefix.length);
        if (model["litellm_provider"] !== provider || !/-\d{4}-?\d{2}-?\d{2}$/.test(upstream))
          continue;
        const price = lookupModel(kind, upstream)?.price;
        if (price === undefined || !name.startsWith(prefix)) continue;
        expect([name, price.input]).toEqual([
          name,
          micro(model["input_cost_per_token"] as number, 1e12),
        ]);
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(5);
  });
});
