import { describe, expect, it } from "vitest";
import { brokenOffByBug, endedByBug } from "../../src/pipeline/ended-by-bug.ts";
import { begin } from "../../src/pipeline/run.ts";
import { settle } from "../../src/pipeline/settled.ts";
import { askFor, createStage } from "../support/pipeline.ts";

describe("a bug in a story", () => {
  const bug = new Error("a bug");
  const scene = () => {
    const config = { providers: { p: { kind: "demo" } }, models: { m: { provider: "p" } } };
    const stage = createStage(config, () => {
      throw new Error("nobody is asked");
    });
    const ask = askFor(stage, { model: "m", messages: [] });
    const statuses = () => stage.records.map(({ status }) => status);
    return { deps: stage.deps, run: begin(ask, "chat", 1), statuses };
  };

  it("ends the request, and goes on to whoever logs it", async () => {
    const { deps, run, statuses } = scene();
    await expect(endedByBug(deps, run, () => Promise.reject(bug))).rejects.toBe(bug);
    expect(statuses()).toEqual([500]);
  });

  it("does not end it again", async () => {
    const { deps, run, statuses } = scene();
    const story = () => {
      settle(deps, run, { end: "whole" });
      return Promise.reject(bug);
    };
    await expect(endedByBug(deps, run, story)).rejects.toBe(bug);
    expect(statuses()).toEqual([200]);
  });

  it("behind an answer that has begun ends the request once, and never its stream in order", async () => {
    const { deps, run, statuses } = scene();
    const aborted: string[] = [];
    const writer = { abort: async () => void aborted.push("aborted") };
    await brokenOffByBug(deps, run, writer);
    await brokenOffByBug(deps, run, writer);
    expect(statuses()).toEqual([500]);
    expect(aborted).toHaveLength(2);
  });
});
