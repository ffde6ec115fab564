import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, type Journey, startJourney } from "../support/journey.ts";
import { configFor } from "../support/upstream-config.ts";

const NAMES = ["ok", "ok--b", "ok--c", "status-503"];
const sections = {
  routes: {
    first: { strategy: "priority", models: ["openai-status-503", "anthropic-ok"] },
    turns: { strategy: "round-robin", models: ["openai-ok", "anthropic-ok", "gemini-ok"] },
    auto: {
      strategy: "complexity",
      tiers: { simple: ["openai-ok"], moderate: ["openai-ok--b"], complex: ["openai-ok--c"] },
    },
    tooled: { strategy: "priority", models: ["*"], require: ["audio"] },
  },
  canaries: [
    { id: "half", baseline: "gemini-ok", candidate: "gemini-ok--b", percent: 50, sticky: "user" },
  ],
};

let journey: Journey;
beforeAll(async () => {
  journey = await startJourney({ models: NAMES, config: sections });
});
afterAll(() => journey?.dispose());

const ask = (model: string, content = "hi", headers: Record<string, string> = {}) =>
  journey.post("/v1/chat/completions", { model, messages: [{ role: "user", content }] }, headers);

describe("a route", () => {
  it("is named like a model, listed, and said in the header", async () => {
    const response = await ask("first");
    expect(response.status).toBe(200);
    expect(response.headers.get("x-headgate-route")).toBe("first");
    expect(response.headers.get("x-headgate-model")).toBe("anthropic-ok");
    const listed = await journey.openai.models.list();
    expect(listed.data.map(({ id }) => id)).toContain("first");
  });

  it("takes turns", async () => {
    const served = new Set<string | null>();
    for (let count = 0; count < 6; count += 1) {
      served.add((await ask("turns")).headers.get("x-headgate-model"));
    }
    expect(served.size).toBe(3);
  });

  it("sends the simple and the hard to different tiers, and says why", async () => {
    const simple = await ask("auto", "hello there");
    expect(simple.headers.get("x-headgate-route")).toMatch(/^auto;tier=simple;reasons=/);
    const hard = await ask(
      "auto",
      "Prove by induction that for every integer n ≥ 1 the sum of the first n odd numbers is n². " +
        "Then refactor this function to run in O(n log n), explain each step, justify why the bound is tight, " +
        "and derive the recurrence: ```python\ndef f(xs):\n  return [x for x in xs for y in xs if x < y]\n```",
    );
    expect(hard.headers.get("x-headgate-route")).not.toMatch(/tier=simple/);
  });

  it("that requires what no model has is the operator's fault, and is named", async () => {
    const response = await ask("tooled");
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({
      error: { code: "misconfigured", param: "routes.tooled", retryable: false },
    });
  });
});

describe("a canary", () => {
  it("keeps a user on a side, and counts both sides apart", async () => {
    const sides = new Map<string, string | null>();
    for (let user = 0; user < 12; user += 1) {
      for (let again = 0; again < 2; again += 1) {
        const response = await ask("gemini-ok", "hi", { "x-headgate-user": `u${user}` });
        const served = response.headers.get("x-headgate-model");
        expect(sides.get(`u${user}`) ?? served).toBe(served);
        sides.set(`u${user}`, served);
        if (served === "gemini-ok--b") {
          expect(response.headers.get("x-headgate-route")).toBe("canary:half");
        }
      }
    }
    expect(new Set(sides.values()).size).toBe(2);
    type Report = Record<string, { requests: number }>;
    let report: Report = {};
    const seen = async (): Promise<number> => {
      report = (await journey.gateway.adminJson("GET", "/canaries/half")) as Report;
      return (report["baseline"]?.requests ?? 0) + (report["candidate"]?.requests ?? 0);
    };
    await expect.poll(seen, { timeout: 10_000, interval: 100 }).toBe(24);
    expect(report["candidate"]).toMatchObject({ errors: 0, tokens: expect.any(Number) });
  });
});

describe("switching a model by configuration", () => {
  it("loses no request while traffic runs", async () => {
    const failed: number[] = [];
    const served = new Set<string | null>();
    let running = true;
    const caller = async (): Promise<void> => {
      while (running) {
        const response = await ask("first");
        if (!response.ok) failed.push(response.status);
        served.add(response.headers.get("x-headgate-model"));
        await response.text();
      }
    };
    const callers = Array.from({ length: 4 }, caller);
    const switched = {
      ...sections,
      routes: { ...sections.routes, first: { strategy: "priority", models: ["gemini-ok"] } },
    };
    await journey.gateway.putConfig(configFor(journey.upstream, NAMES, switched));
    await eventually(() => served.has("gemini-ok") || served.has("gemini-ok--b"), 12_000);
    running = false;
    await Promise.all(callers);
    expect(failed).toEqual([]);
    expect(served.has("anthropic-ok")).toBe(true);
  });
});
