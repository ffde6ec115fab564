import { describe, expect, it } from "vitest";
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

// The door had let the request in by what the key was: it went on with scopes that were taken and tags that were gone.
describe("a request whose key has changed meanwhile", () => {
  const renewed = async (scopes: readonly ("chat" | "embeddings")[]) => {
    const stage = createStage(CONFIG, () => "silent");
    const known = askFor(stage, { model: "a" });
    const before = { ...known.caller, tags: { project: "old", fixed: "1" } };
    const tags = { mine: "x", project: "old", fixed: "1" };
    const ask = { ...known, caller: before, controls: { ...known.controls, tags } };
    const by = { ...before, tags: { project: "new" }, scopes: new Set(scopes) };
    const keys = { ...stage.deps.keys, refresh: async () => by };
    const anew: Ask[] = [];
    const reply = await turnedAway(
      { ...stage.deps, keys },
      begin(ask, "chat", 1),
      "stale",
      async (_, again) => {
        anew.push(again);
        return { ok: true, status: 200, headers: {}, body: "" };
      },
    );
    return { reply, tags: anew[0]?.controls.tags };
  };

  it("goes by the tags that are fixed on it now, and by the caller's own", async () => {
    expect((await renewed(["chat"])).tags).toEqual({ mine: "x", project: "new" });
  });

  it("is refused where the scope was taken from it", async () => {
    const { reply, tags } = await renewed(["embeddings"]);
    expect(tags).toBeUndefined();
    expect(reply).toMatchObject({
      ok: false,
      failure: { code: "scope_missing", param: "chat" },
    });
  });
});
