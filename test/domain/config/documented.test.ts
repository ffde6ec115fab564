import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseConfig } from "../../../src/domain/config/validate.ts";

const examplesIn = (page: string): readonly string[] => {
  const text = readFileSync(join(import.meta.dirname, "../../..", page), "utf8");
  return [...text.matchAll(/```json\n([\s\S]*?)```/g)].map(([, example = ""]) => example.trim());
};
const examples = examplesIn("docs/CONFIGURATION.md");

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

describe("README.md", () => {
  it("shows a document that is valid", () => {
    const [document, ...others] = examplesIn("README.md").map(read);
    expect(others).toEqual([]);
    expect(parseConfig(document, { allowPrivate: false })).toEqual({ ok: true, value: document });
  });
});

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
