import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseConfig } from "../../../src/domain/config/validate.ts";

const page = readFileSync(join(import.meta.dirname, "../../../docs/CONFIGURATION.md"), "utf8");
const examples = [...page.matchAll(/```json\n([\s\S]*?)```/g)].map(([, text = ""]) => text.trim());

type Json = Record<string, unknown>;

/** A whole document, some of its sections without their braces, a policy, or one rule of one. */
const read = (text: string): Json => JSON.parse(text.startsWith("{") ? text : `{${text}}`) as Json;

const whole = examples.map(read).filter((example) => "providers" in example);
const largest = whole.at(-1) ?? {};

const inPlace = (example: Json): Json => {
  if ("providers" in example) return example;
  if ("unit" in example) return inPlace({ limits: { mode: "on", rules: [example] } });
  const isPolicy = "limits" in example || ("routing" in example && !("routes" in example));
  return { ...largest, ...(isPolicy ? { policy: example } : example) };
};

describe("docs/CONFIGURATION.md", () => {
  it("has its examples in JSON, two of them whole", () => {
    expect(whole.length).toBe(2);
    expect(examples.length).toBeGreaterThan(whole.length);
  });

  it.each(examples)("has an example that is valid: %#", (text) => {
    const document = inPlace(read(text));
    expect(parseConfig(document, { allowPrivate: false })).toEqual({ ok: true, value: document });
  });
});
