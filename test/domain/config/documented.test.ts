import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { jsonSchema } from "../../../src/domain/config/json-schema.ts";
import { parseConfig } from "../../../src/domain/config/validate.ts";

const textOf = (page: string): string =>
  readFileSync(join(import.meta.dirname, "../../..", page), "utf8");
const examplesIn = (page: string): readonly string[] => {
  const text = textOf(page);
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

/** The names of all fields of a JSON Schema, and the words that their values may be. */
const wordsOf = (schema: unknown): readonly string[] => {
  if (Array.isArray(schema)) return schema.flatMap(wordsOf);
  if (typeof schema !== "object" || schema === null) return [];
  return Object.entries(schema).flatMap(([name, value]) => {
    if (name === "properties")
      return [...Object.keys(value as Json), ...wordsOf(Object.values(value as Json))];
    return name === "enum" ? (value as unknown[]).map(String) : wordsOf(value);
  });
};

describe("README.md", () => {
  it("shows a document that is valid", () => {
    const [document, ...others] = examplesIn("README.md").map(read);
    expect(others).toEqual([]);
    expect(parseConfig(document, { allowPrivate: false })).toEqual({ ok: true, value: document });
  });
});

describe("docs/CONFIGURATION.md", () => {
  it("names every field, and every word that a field may be", () => {
    const words = new Set(textOf("docs/CONFIGURATION.md").match(/[\w-]+/g));
    const missing = wordsOf(jsonSchema()).filter((word) => !words.has(word));
    expect(missing).toEqual([]);
  });

  it("has its examples in JSON, two of them whole", () => {
    expect(whole.length).toBe(2);
    expect(examples.length).toBeGreaterThan(whole.length);
  });

  it.each(examples)("has an example that is valid: %#", (text) => {
    const document = inPlace(read(text));
    expect(parseConfig(document, { allowPrivate: false })).toEqual({ ok: true, value: document });
  });
});
