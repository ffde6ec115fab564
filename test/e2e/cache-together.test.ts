import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CacheWorld, cacheWorld } from "../support/cache-world.ts";
import { eventually, type Journey, startJourney } from "../support/journey.ts";
import { expectAtRest } from "../support/ledger.ts";
import { TEXT } from "../support/upstream-answer.ts";

const SLOW = "slow-headers-500";
const PACED = "ok-pace-20";
const LONG = "ok-pace-60";
const BREAKS = "cut-after-20-once-pace-20";
const FAILS = "status-500-once";

let journey: Journey;
beforeAll(async () => {
  journey = await startJourney({
    models: [SLOW, PACED, LONG, BREAKS, FAILS, "slow-headers-1500"],
    config: { resilience: { max_retries: 0 } },
  });
});
afterAll(() => journey?.dispose());

const ON = { mode: "on" };
const QUESTION = [{ role: "user", content: "What is a gateway?" }] as const;
const sentTo = (name: string): number => journey.upstream.to(name).length;

const together = <T>(count: number, work: (at: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, at) => work(at)));

/** A streamed request with an OpenAI client: its text, and the `headgate` object of its last chunk. */
const streamed = async ({ key }: CacheWorld, model: string, signal?: AbortSignal) => {
  const baseURL = `${journey.gateway.url}/v1`;
  const client = new OpenAI({ baseURL, apiKey: key, maxRetries: 0 });
  const { data, response } = await client.chat.completions
    .create(
      {
        ...{ model, temperature: 0, messages: [...QUESTION], stream: true },
        stream_options: { include_usage: true },
      },
      { signal: signal ?? null },
    )
    .withResponse();
  let text = "";
  let last: unknown;
  for await (const chunk of data) {
    text += chunk.choices[0]?.delta.content ?? "";
    last = chunk;
  }
  return { text, headers: response.headers, ...(last as { headgate: object; usage: object }) };
};

describe("equal requests at the same time", () => {
  it("are one call, whole answers", async () => {
    const world = await cacheWorld(journey, ON);
    const answers = await together(50, () => world.ask({ model: `openai-${SLOW}` }));
    expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(200));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(sentTo(SLOW)).toBe(1);
    const misses = answers.filter(({ cache }) => cache === "miss");
    expect(misses).toHaveLength(1);
    const [hit] = answers.filter(({ cache }) => cache === "hit");
    const [miss] = misses;
    if (hit === undefined || miss === undefined) throw new Error("no hit and no miss");
    expect(hit.headers.get("x-headgate-attempts")).toBe("0");
    expect(hit.headers.get("x-headgate-cost-usd")).toBe("0");
    const paid = await world.rowOf(miss);
    expect(await world.rowOf(hit)).toMatchObject({
      ...{ cache: "hit", attempts: 0, cost_usd: 0, input_tokens: 0, output_tokens: 0 },
      saved_usd: paid["cost_usd"],
    });
  });

  it("are one call, streams, each with its own last word", async () => {
    const world = await cacheWorld(journey, ON);
    const answers = await together(20, async (at) => {
      // Some come when the answer is half told already.
      await new Promise((resolve) => setTimeout(resolve, at * 40));
      return streamed(world, `openai-${PACED}`);
    });
    expect(answers.map(({ text }) => text)).toEqual(Array(20).fill(TEXT));
    expect(sentTo(PACED)).toBe(1);
    const told = answers.map(({ headgate, usage }) => ({ ...headgate, usage }));
    expect(told[0]).toMatchObject({ cache: "miss", attempts: 1 });
    for (const each of told.slice(1)) {
      expect(each).toMatchObject({ cache: "hit", attempts: 0, cost_usd: 0 });
      expect(each.usage).toEqual(told[0]?.usage);
    }
  });

  it("of two tenants, or two teams, are two calls", async () => {
    const [one, other] = [await cacheWorld(journey, ON), await cacheWorld(journey, ON)];
    const before = sentTo(SLOW);
    await together(10, (at) => (at % 2 === 0 ? one : other).ask({ model: `openai-${SLOW}` }));
    expect(sentTo(SLOW) - before).toBe(2);
  });

  it("go on, one of them for all, where the first is refused an answer", async () => {
    const world = await cacheWorld(journey, ON);
    const answers = await together(5, () => world.ask({ model: `openai-${FAILS}` }));
    const failed = answers.filter(({ status }) => status !== 200);
    expect(failed).toHaveLength(1);
    expect(sentTo(FAILS)).toBe(2);
    expect(answers.filter(({ cache, status }) => status === 200 && cache === "miss").length).toBe(
      1,
    );
  });

  it("go on when the one who went ahead leaves", async () => {
    const world = await cacheWorld(journey, ON);
    const leaving = new AbortController();
    const first = streamed(world, `openai-${LONG}`, leaving.signal).catch(() => "left");
    await eventually(() => sentTo(LONG) === 1);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const others = together(5, () => streamed(world, `openai-${LONG}`));
    await new Promise((resolve) => setTimeout(resolve, 600));
    leaving.abort();
    await first;
    expect((await others).map(({ text }) => text)).toEqual(Array(5).fill(TEXT));
    // What was begun for him is told to its end for the others, and kept.
    expect(sentTo(LONG)).toBe(1);
    expect((await world.ask({ model: `openai-${LONG}` })).cache).toBe("hit");
  });

  it("go on when the one who went ahead leaves before anything has come", async () => {
    const world = await cacheWorld(journey, ON);
    const leaving = new AbortController();
    const model = "openai-slow-headers-1500";
    const body = JSON.stringify({ model, temperature: 0, messages: QUESTION });
    const first = fetch(`${journey.gateway.url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${world.key}`, "content-type": "application/json" },
      ...{ body, signal: leaving.signal },
    }).catch(() => "left");
    await eventually(() => sentTo("slow-headers-1500") === 1);
    const others = together(5, () => world.ask({ model }));
    await new Promise((resolve) => setTimeout(resolve, 300));
    leaving.abort();
    await first;
    expect((await others).map(({ status }) => status)).toEqual(Array(5).fill(200));
    expect(sentTo("slow-headers-1500")).toBeLessThanOrEqual(2);
  });

  it("are told the whole answer when the stream breaks off for all of them", async () => {
    const world = await cacheWorld(journey, ON);
    const answers = await together(5, () => streamed(world, `openai-${BREAKS}`).catch(String));
    // There is nobody else to ask for the one; the others begin anew where he has broken off.
    const whole = answers.filter((each) => typeof each !== "string");
    expect(whole.length).toBeGreaterThanOrEqual(4);
    for (const { text } of whole) expect(text).toBe(TEXT);
  });

  it("are all told the whole answer while others come and leave, and leave nothing held", async () => {
    const world = await cacheWorld(journey, ON);
    const before = sentTo(PACED);
    const told = await together(150, async (at) => {
      await new Promise((resolve) => setTimeout(resolve, (at * 37) % 2_000));
      const leaves = at % 3 === 0 ? AbortSignal.timeout((at * 53) % 900) : undefined;
      const text = await streamed(world, `openai-${PACED}`, leaves).then(
        (answer) => answer.text,
        String,
      );
      // Whoever has left has a part of it.
      return leaves?.aborted === true ? TEXT : text;
    });
    expect(new Set(told)).toEqual(new Set([TEXT]));
    expect(sentTo(PACED) - before).toBeLessThan(10);
    await expectAtRest(journey.gateway, world.org);
    expect(journey.gateway.logs.filter((line) => /hung|cross-request/i.test(line))).toEqual([]);
  });
});
