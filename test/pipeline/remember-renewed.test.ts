import { expect, it } from "vitest";
import type { Ask } from "../../src/pipeline/ask.ts";
import type { Once } from "../../src/ports.ts";
import { askFor, createStage } from "../support/pipeline.ts";
import { CONFIG, whole } from "./cache-scene.ts";
import { createMemory, remembered } from "./remember-once.ts";

// An isolate gave what was kept to a key that had just been rotated away, or had lost its scopes, for it knew the key
// as it had been.
it("whoever asks for a kept reply is answered as the caller that he is by now", async () => {
  const stage = createStage(CONFIG, () => whole("hi"), { K: "k" });
  const memory = createMemory(stage);
  const ask = askFor(
    stage,
    { model: "a", messages: [{ role: "user", content: "hi" }] },
    { wishes: { idempotencyKey: "k" } },
  );
  await remembered(stage.deps, memory, ask);
  const { caller } = ask;
  const denied: unknown[] = [];
  const limiter = {
    ...stage.deps.limiter,
    denied: (_: unknown, status: number, code: string) => void denied.push([status, code]),
  };
  const once: Once = {
    begin: async (wish) => (wish.caller === caller ? { is: "stale" } : memory.begin(wish)),
  };
  const cases: [Ask["caller"] | undefined, string][] = [
    [undefined, "invalid_api_key"],
    [{ ...caller, scopes: new Set(["embeddings"]) }, "scope_missing"],
    [{ ...caller, policies: [{ models: { deny: ["*"] } }] }, "model_not_allowed"],
    [{ ...caller }, "answered"],
  ];
  for (const [by, expected] of cases) {
    const keys = { ...stage.deps.keys, refresh: async () => by };
    const reply = await remembered({ ...stage.deps, keys, limiter }, once, ask);
    expect(reply.ok ? "answered" : reply.failure.code).toBe(expected);
  }
  expect(denied).toEqual([
    [401, "invalid_api_key"],
    [403, "scope_missing"],
    [403, "model_not_allowed"],
  ]);
  expect(stage.sent).toHaveLength(1);
});
