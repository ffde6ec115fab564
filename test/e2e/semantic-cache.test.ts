import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cacheWorld } from "../support/cache-world.ts";
import { askedDuring, type Journey, startJourney } from "../support/journey.ts";
import { ONLY, primed, reworded, says, similarityOf, untilFound } from "../support/wordings.ts";

let journey: Journey;
beforeAll(async () => {
  journey = await startJourney({ models: ["ok"] });
});
afterAll(() => journey?.dispose());

const ON = { mode: "on", semantic: { mode: "on" } };

describe("another wording", () => {
  it("is given the answer that the first was given, for nothing, and is told how alike they are", async () => {
    const world = await cacheWorld(journey, ON);
    const first = await primed(world, "What is a gateway?");
    expect([first.cache, similarityOf(first)]).toEqual(["miss", null]);
    const asked = await askedDuring(journey, async () => {
      const second = await world.ask(says("what is a gateway"));
      expect([second.status, second.cache, second.text]).toEqual([200, "semantic", first.text]);
      expect(Object.fromEntries(second.headers)).toMatchObject({
        "x-headgate-attempts": "0",
        "x-headgate-cost-usd": "0",
        "x-headgate-model": "openai-ok",
        age: expect.stringMatching(/^\d+$/),
        "x-headgate-similarity": expect.stringMatching(/^(0\.9[5-9]|1\.00)$/),
      });
      const paid = await world.rowOf(first);
      const row = await world.rowOf(second);
      expect(row).toMatchObject({
        ...{ cache: "semantic", attempts: 0, cost_usd: 0, input_tokens: 0, output_tokens: 0 },
        saved_usd: paid["cost_usd"],
      });
      expect(row["similarity"]).toBeGreaterThanOrEqual(0.95);
      expect(paid).toMatchObject({ cache: "miss", similarity: null });
    });
    expect(asked).toEqual([]);
    expect((await world.ask(says("What is a gateway?"))).cache).toBe("hit");
  });

  it("is given it in the form that it asks for", async () => {
    const world = await cacheWorld(journey, ON);
    await primed(world, "What is a gateway?");
    const client = new OpenAI({
      baseURL: `${journey.gateway.url}/v1`,
      apiKey: world.key,
      maxRetries: 0,
    });
    const { data: stream, response } = await client.chat.completions
      .create({
        ...{ model: "openai-ok", temperature: 0, stream: true },
        messages: [{ role: "user", content: "what is a gateway" }],
        stream_options: { include_usage: true },
      })
      .withResponse();
    expect(response.headers.get("x-headgate-cache")).toBe("semantic");
    const events = await Array.fromAsync(stream);
    expect(events.at(-1)).toMatchObject({ headgate: { cache: "semantic", attempts: 0 } });
    expect(events.map(({ choices }) => choices[0]?.delta.content ?? "").join("")).not.toBe("");
  });

  it("is one for the Messages API, too", async () => {
    const world = await cacheWorld(journey, ON);
    const ask = (content: string, headers = {}) =>
      world.at(
        "/v1/messages",
        { ...{ model: "anthropic-ok", max_tokens: 100, temperature: 0 }, ...says(content) },
        headers,
      );
    const first = await ask("What is a gateway?");
    await untilFound(() => ask(reworded("What is a gateway?"), ONLY));
    const second = await ask("what is a gateway");
    expect([second.cache, second.text]).toEqual(["semantic", first.text]);
  });

  it.each([
    ["a number", "How do I cook 2 eggs?", "How do I cook 3 eggs?"],
    ["a denial", "Which of these is safe?", "Which of these is not safe?"],
    ["a name", "Who is the mayor of Paris?", "Who is the mayor of Rome?"],
    ["another matter", "What is a gateway?", "How old is the universe?"],
  ])("that differs in %s asks for itself", async (_, first, second) => {
    const world = await cacheWorld(journey, ON);
    await primed(world, first);
    expect((await world.ask(says(second))).cache).toBe("miss");
  });
});

describe("F82: an answer", () => {
  const FIRST = "What is a gateway?";
  const SECOND = "what is a gateway";

  it.each([
    [
      "system prompt",
      {
        messages: [
          { role: "system", content: "Be brief." },
          { role: "user", content: SECOND },
        ],
      },
    ],
    ["temperature", { ...says(SECOND), temperature: 0, top_p: 0.5 }],
    ["seed", { ...says(SECOND), seed: 7 }],
    ["model", { ...says(SECOND), model: "anthropic-ok" }],
    ["response format", { ...says(SECOND), response_format: { type: "json_object" } }],
    [
      "earlier turn",
      {
        messages: [
          { role: "user", content: "Hello." },
          { role: "assistant", content: "Hello!" },
          { role: "user", content: SECOND },
        ],
      },
    ],
    [
      "tool",
      {
        ...says(SECOND),
        tools: [{ type: "function", function: { name: "f", parameters: { type: "object" } } }],
      },
    ],
  ])("of another %s is not found", async (_, second) => {
    const world = await cacheWorld(journey, ON);
    await primed(world, FIRST);
    expect((await world.ask(second)).cache).toBe("miss");
    expect((await world.ask(says(SECOND))).cache).toBe("semantic");
  });

  it("of another organisation, or of another scope within it, is not found (P13, F81)", async () => {
    const one = await cacheWorld(journey, { ...ON, scope: "key" });
    const other = await cacheWorld(journey, { ...ON, scope: "key" });
    await primed(one, FIRST);
    expect((await other.ask(says(SECOND))).cache).toBe("miss");
    const colleague = await one.makeKey();
    expect((await one.ask(says(SECOND), {}, colleague)).cache).toBe("miss");
    expect((await one.ask(says(SECOND))).cache).toBe("semantic");
  });
});

describe("who asks", () => {
  it("F84: lowers no threshold", async () => {
    const world = await cacheWorld(journey, ON);
    await primed(world, "What is a gateway?");
    const tries = [
      ["x-headgate-similarity", "What would a gateway be for?"],
      ["x-headgate-threshold", "What could a gateway be for?"],
      ["x-similarity-threshold", "What might a gateway be for?"],
    ] as const;
    for (const [name, near] of tries) {
      expect((await world.ask(says(near), { [name]: "0.01" })).cache).toBe("miss");
    }
  });

  it("takes nothing older than he wishes", async () => {
    const world = await cacheWorld(journey, ON);
    await primed(world, "What is a gateway?");
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    const near = says("what is a gateway");
    expect((await world.ask(near, { "x-headgate-cache-ttl": "1" })).cache).toBe("miss");
  });

  it("opts out of both ways, looks only, or has it made anew", async () => {
    const world = await cacheWorld(journey, ON);
    await primed(world, "What is a gateway?");
    const wishing = (wish: string, content: string) =>
      world.ask(says(content), { "x-headgate-cache": wish });
    expect((await wishing("off", "what is a gateway")).cache).toBe("bypass");
    expect((await wishing("only", "What is a GATEWAY?")).cache).toBe("semantic");
    expect((await wishing("only", "How old is the universe?")).status).toBe(504);
    expect((await wishing("refresh", "WHAT is a gateway?")).cache).toBe("miss");
  });

  it("is not given what was purged", async () => {
    const world = await cacheWorld(journey, ON);
    await primed(world, "What is a gateway?");
    expect((await world.ask(says("what is a gateway"))).cache).toBe("semantic");
    const purge = await journey.gateway.admin("DELETE", `/cache?org=${world.org}`);
    expect(purge.status).toBe(204);
    expect((await world.ask(says("what is a gateway"))).cache).toBe("miss");
  });

  it("is not given what a model has said that he may not ask", async () => {
    const world = await cacheWorld(journey, { ...ON, scope: "org" });
    await primed(world, "What is a gateway?");
    const policy = { models: { deny: ["openai-*"] } };
    const barred = await world.makeKey({ policy });
    expect((await world.ask(says("what is a gateway"), {}, barred)).status).toBe(403);
  });
});
