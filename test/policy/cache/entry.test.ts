import { describe, expect, it } from "vitest";
import { type Expected, readEntry, writeEntry } from "../../../src/policy/cache/entry.ts";
import { answerOf, entryOf, NOW } from "./stage.ts";

const expected = (more: Partial<Expected> = {}): Expected => ({
  key: "k",
  dialect: "openai-chat",
  now: NOW + 1_000,
  ttl: 3_600,
  generation: { org: 0, model: 0 },
  askedIsHealthy: true,
  ...more,
});

describe("a kept answer", () => {
  it.each([
    ["whole", { form: "whole", body: '{"id": "a" , "x":1}' }],
    ["folded", { form: "folded", answer: answerOf() }],
  ] as const)("comes back as it was: %s", (_, kept) => {
    const entry = entryOf({ kept });
    expect(readEntry(writeEntry(entry), expected())).toEqual({ ok: true, value: entry });
  });

  it.each<[string, Partial<Expected>]>([
    ["foreign", { key: "other" }],
    ["foreign", { dialect: "gemini" }],
    ["stale", { now: NOW + 60_000 }],
    ["stale", { ttl: 1 }],
    ["stale", { generation: { org: 1, model: 0 } }],
    ["stale", { generation: { org: 0, model: 1 } }],
  ])("is a miss, %s, where %o is expected", (error, change) => {
    expect(readEntry(writeEntry(entryOf()), expected(change))).toEqual({ ok: false, error });
  });

  it("of a stand-in is a miss as soon as the asked model is healthy", () => {
    const text = writeEntry(entryOf({ standIn: true }));
    expect(readEntry(text, expected({ askedIsHealthy: false })).ok).toBe(true);
    expect(readEntry(text, expected())).toEqual({ ok: false, error: "not_needed" });
  });

  it("of another version, or broken, is a miss", () => {
    const { key: _, ...keyless } = entryOf();
    for (const text of [
      "",
      "null",
      '{"v":1}',
      JSON.stringify({ ...entryOf(), v: 2 }),
      JSON.stringify(keyless),
      JSON.stringify({ ...entryOf(), kept: { form: "folded" } }),
    ]) {
      expect(readEntry(text, expected())).toEqual({ ok: false, error: "unreadable" });
    }
  });

  it.each<Record<string, unknown>>([
    ...["key", "dialect", "model", "provider", "storedAt", "expiresAt"].map((name) => ({
      [name]: null,
    })),
    ...[{ generation: null }, { generation: { org: 0 } }, { generation: { model: 0 } }],
    ...[{ standIn: 1 }, { kept: null }, { kept: { form: "whole", body: 1 } }],
    ...[{ kept: { form: "folded", answer: {} } }, { kept: { form: "x", answer: answerOf() } }],
  ])("with a part of a wrong form is a miss: %j", (part) => {
    const text = JSON.stringify({ ...entryOf(), ...part });
    expect(readEntry(text, expected())).toEqual({ ok: false, error: "unreadable" });
  });

  it("without a known cost or usage comes back without them", () => {
    const text = writeEntry(entryOf({ costNanoUsd: undefined, usage: undefined }));
    const read = readEntry(text, expected());
    expect(read.ok && [read.value.costNanoUsd, read.value.usage]).toEqual([undefined, undefined]);
  });
});
