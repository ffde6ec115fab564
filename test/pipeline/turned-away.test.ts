import { expect, it } from "vitest";
import type { Ask } from "../../src/pipeline/ask.ts";
import { begin } from "../../src/pipeline/run.ts";
import { turnedAway } from "../../src/pipeline/turned-away.ts";
import { askFor, createStage } from "../support/pipeline.ts";
import { CONFIG } from "./cache-scene.ts";

// It went on with the signal of its first flight, which lasted for those who had followed that one.
it("a request that begins anew ends with its own caller, not with those who followed it", async () => {
  const stage = createStage(CONFIG, () => "silent");
  const keys = { ...stage.deps.keys, refresh: async (caller: Ask["caller"]) => caller };
  const ask = askFor(stage, { model: "a" });
  const run = begin(ask, "chat", 1);
  run.ask = { ...ask, signal: new AbortController().signal };
  const anew: Ask[] = [];
  await turnedAway({ ...stage.deps, keys }, run, "stale", async (_, again) => {
    anew.push(again);
    return { ok: true, status: 200, headers: {}, body: "" };
  });
  expect(anew).toHaveLength(1);
  expect(anew[0]?.signal).toBe(ask.signal);
});
