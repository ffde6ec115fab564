import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseConfig } from "../../../src/domain/config/validate.ts";

const page = readFileSync(join(import.meta.dirname, "../../../docs/CONFIGURATION.md"), "utf8");
const examples = [...page.matchAll(/```json\n([\s\S]*?)```/g)].map(([, text = ""]) => text);

describe("docs/CONFIGURATION.md", () => {
  it("has its examples in JSON", () => expect(examples.length).toBe(2));

  it.each(examples)("has an example that is valid: %#", (text) => {
    const document: unknown = JSON.parse(text);
    expect(parseConfig(document, { allowPrivate: false })).toEqual({ ok: true, value: document });
  });
});
