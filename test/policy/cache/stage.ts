import type { ChatResponse, Choice } from "../../../src/domain/chat.ts";
import { type Entry, newEntry } from "../../../src/policy/cache/entry.ts";
import type { KeyOf } from "../../../src/policy/cache/key.ts";

export const NOW = 1_800_000_000_000;

export const keyOf = (more: Partial<KeyOf> = {}): KeyOf => ({
  scope: "s",
  endpoint: "chat",
  dialect: "openai-chat",
  model: "m",
  meaning: "p/u",
  headers: {},
  body: { model: "m", messages: [{ role: "user", content: "Hello" }] },
  ...more,
});

export const answerOf = (more: Partial<Choice> = {}): ChatResponse => ({
  id: "a",
  model: "m",
  extra: {},
  choices: [{ index: 0, finish_reason: "stop", content: [{ type: "text", text: "Hi" }], ...more }],
});

export const entryOf = (more: Partial<Entry> = {}): Entry => ({
  ...newEntry({
    key: "k",
    dialect: "openai-chat",
    kept: { form: "whole", body: '{"id":"a"}' },
    model: "m",
    provider: "p",
    upstreamModel: "u",
    usage: { input_tokens: 3, output_tokens: 1 },
    costNanoUsd: 1_500,
    standIn: false,
    storedAt: NOW,
    expiresAt: NOW + 60_000,
    generation: { org: 0, model: 0 },
  }),
  ...more,
});
