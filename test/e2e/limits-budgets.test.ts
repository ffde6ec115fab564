import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, type Journey, startJourney } from "../support/journey.ts";
import { expectAtRest } from "../support/ledger.ts";
import { errorOf, limited, on } from "../support/limited.ts";

/** USD a million tokens; an answer of 25 tokens in and 60 out costs 0.145 of them, a tenth and a thousandth. */
const PRICES = { dear: 1_000, middle: 500, cheap: 1 };
const DEAR_ANSWER = 0.145;
/** A dear call holds between 0.23 and 0.3: one fits and, once it has ended, no second; one, and then a second. */
const BARELY_ONE = 0.35;
const BARELY_TWO = 0.45;

let journey: Journey;
beforeAll(async () => {
  const model = (upstream: string, price?: number) => ({
    ...{ provider: "openai", upstream, context: 100_000, max_output: 4_096 },
    ...(price !== undefined && { price: { input: price, output: 2 * price } }),
  });
  journey = await startJourney({
    config: {
      models: {
        ...{ dear: model("ok", PRICES.dear), middle: model("ok", PRICES.middle) },
        ...{ cheap: model("ok", PRICES.cheap), unpriced: model("ok--unpriced") },
        "slow-dear": model("slow-headers-800", PRICES.dear),
        ...{ "openai-ok": model("ok", 1) },
        "anthropic-ok": { ...model("ok", 1), provider: "anthropic" },
        "gemini-ok": { ...model("ok", 1), provider: "gemini" },
      },
    },
  });
});
afterAll(() => journey?.dispose());

const SHORT = { max_tokens: 60 };

describe("a budget that is nearly spent", () => {
  it("sends requests to middle models, then to the cheapest, as the share of it says", async () => {
    const { call, rowOf, org } = await limited(journey, {
      ...on({ unit: "usd", per: "day", max: 2 }),
      routing: {
        mode: "on",
        budget: { alert: 0.5, hard: 0.9, middle: ["middle"], cheapest: ["cheap"] },
      },
    });
    let spent = 0;
    const steps: string[] = [];
    for (let asked = 0; asked < 22; asked += 1) {
      const expected = spent >= 1.8 ? "budget:cheapest" : spent >= 1 ? "budget:middle" : "direct";
      const answer = await call({ model: "dear", ...SHORT });
      expect(answer.status).toBe(200);
      const route = answer.headers.get("x-headgate-route") ?? "";
      expect(route).toBe(expected);
      if (!steps.includes(route)) {
        steps.push(route);
        const model = { direct: "dear", "budget:middle": "middle", "budget:cheapest": "cheap" };
        expect(await rowOf(answer)).toMatchObject({
          ...{ route, requested_model: "dear", status: 200 },
          model: model[expected],
        });
      }
      spent += Number(answer.headers.get("x-headgate-cost-usd"));
      await answer.arrayBuffer();
    }
    expect(steps).toEqual(["direct", "budget:middle", "budget:cheapest"]);
    const { rules } = await expectAtRest(journey.gateway, org);
    expect(rules[0]?.used).toBeCloseTo(spent, 6);
  });

  it("is told of in a header from its soft share on", async () => {
    const { call } = await limited(journey, {
      limits: { mode: "on", soft: 0.4, rules: [{ unit: "usd", per: "day", max: 1 }] },
    });
    const warnings: (string | null)[] = [];
    for (let asked = 0; asked < 3; asked += 1) {
      const answer = await call({ model: "dear", ...SHORT });
      warnings.push(answer.headers.get("x-headgate-budget-warning"));
      await answer.arrayBuffer();
    }
    // What is held counts: the second call holds more than it will cost.
    expect(warnings[0]).toBeNull();
    expect(warnings[2]).toMatch(/^org;used=0\.[4-9]\d$/);
  });

  it("F85 is never overspent, whoever asks at once", async () => {
    const { call, org } = await limited(journey, on({ unit: "usd", per: "day", max: 1 }));
    const answers = await Promise.all(
      Array.from({ length: 64 }, () => call({ model: "dear", ...SHORT })),
    );
    const served = answers.filter(({ status }) => status === 200);
    expect(served.length).toBeGreaterThan(0);
    expect(answers.every(({ status }) => [200, 402, 429].includes(status))).toBe(true);
    await Promise.all(answers.map((answer) => answer.arrayBuffer()));
    const { rules } = await expectAtRest(journey.gateway, org);
    expect(rules[0]?.used).toBeLessThanOrEqual(1);
    expect(rules[0]?.used).toBeCloseTo(served.length * DEAR_ANSWER, 9);
  });
});

describe("a budget that is spent", () => {
  it.each([402, 429])("is told with %i, as the policy says", async (status) => {
    const rules = [{ unit: "usd", per: "day", max: BARELY_ONE }];
    const { call, rowOf } = await limited(journey, {
      limits: { mode: "on", rules, budget_status: status },
    });
    const first = await call({ model: "dear", ...SHORT });
    expect(first.status).toBe(200);
    await rowOf(first);
    const refused = await call({ model: "dear", ...SHORT });
    expect(refused.status).toBe(status);
    expect(refused.headers.get("x-should-retry")).toBe("false");
    if (status === 429) expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await errorOf(refused)).toMatchObject({
      ...{ code: "budget_exceeded", type: "insufficient_quota" },
      details: { level: "org", unit: "usd", per: "day", limit: BARELY_ONE },
    });
  });

  it("is one that does not pay for a single request, too", async () => {
    const { call } = await limited(journey, on({ unit: "usd", per: "day", max: 0.1 }));
    const refused = await call({ model: "dear", ...SHORT });
    expect(refused.status).toBe(402);
    expect(await errorOf(refused)).toMatchObject({ code: "budget_exceeded", source: "limit" });
  });

  it("only by what is held is told to come back, and has room when that has ended", async () => {
    const { call, rowOf } = await limited(
      journey,
      on({ unit: "usd", per: "day", max: BARELY_TWO }),
    );
    const before = journey.upstream.to("slow-headers-800").length;
    const first = call({ model: "slow-dear", ...SHORT });
    await eventually(() => journey.upstream.to("slow-headers-800").length > before);
    const refused = await call({ model: "dear", ...SHORT });
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("retry-after"))).toBe(1);
    expect(await errorOf(refused)).toMatchObject({ code: "budget_held", retryable: true });
    await rowOf(await first);
    expect((await call({ model: "dear", ...SHORT })).status).toBe(200);
  });
});

describe("a request that cannot be reckoned with", () => {
  it("has no price: refused where money is held strictly, else its cost is not known", async () => {
    const rules = [{ unit: "usd", per: "day", max: 1 }];
    const strict = await limited(journey, { limits: { mode: "on", rules } });
    const refused = await strict.call({ model: "unpriced" });
    expect(refused.status).toBe(400);
    expect(await errorOf(refused)).toMatchObject({ code: "model_not_priced", param: "model" });
    const loose = await limited(journey, { limits: { mode: "on", rules, reserve: "balanced" } });
    const answer = await loose.call({ model: "unpriced" });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("x-headgate-cost-usd")).toBeNull();
    expect(await loose.rowOf(answer)).toMatchObject({
      ...{ cost_usd: null, estimated: true, input_tokens: 25, output_tokens: 60 },
    });
  });

  it("F87 asks for more than the limit ever holds", async () => {
    const { call, org } = await limited(journey, on({ unit: "tokens", per: "minute", max: 2_000 }));
    for (const body of [{ max_tokens: 4_000 }, { max_tokens: 100, n: 128 }]) {
      const refused = await call(body);
      expect(refused.status).toBe(400);
      expect(refused.headers.get("retry-after")).toBeNull();
      expect(await errorOf(refused)).toMatchObject({ code: "request_exceeds_limit" });
    }
    // Nothing was counted, and nothing has to be given back.
    const { rules } = await expectAtRest(journey.gateway, org);
    expect(rules).toMatchObject([{ unit: "tokens", used: 0, held: 0 }]);
    expect((await call({ max_tokens: 100 })).status).toBe(200);
  });

  it("F87 wants a dearer tier, which a strict budget cannot bound", async () => {
    const { call } = await limited(journey, on({ unit: "usd", per: "day", max: 1 }));
    const refused = await call({ service_tier: "priority", ...SHORT });
    expect(refused.status).toBe(400);
    expect(await errorOf(refused)).toMatchObject({
      ...{ code: "request_exceeds_limit", details: { unbounded: true } },
    });
  });
});

describe("the cap on an answer", () => {
  const capAt = (): unknown => {
    const body: Record<string, unknown> = journey.upstream.to("ok").at(-1)?.body ?? {};
    const config = body["generationConfig"] as Record<string, unknown> | undefined;
    return (
      body["max_completion_tokens"] ?? body["max_tokens"] ?? config?.["maxOutputTokens"] ?? null
    );
  };

  it.each(["openai", "anthropic", "gemini"])("reaches %s under its own name", async (provider) => {
    const { call } = await limited(journey, on({ unit: "usd", per: "day", max: 1 }));
    expect((await call({ model: `${provider}-ok` })).status).toBe(200);
    expect(capAt()).toBe(4_096);
    expect((await call({ model: `${provider}-ok`, max_tokens: 70 })).status).toBe(200);
    expect(capAt()).toBe(70);
  });

  it("that nobody stated is lowered until the request can pass", async () => {
    const { call } = await limited(journey, on({ unit: "tokens", per: "minute", max: 1_000 }));
    expect((await call()).status).toBe(200);
    expect(capAt()).toBeGreaterThan(100);
    expect(capAt()).toBeLessThan(1_000);
  });

  it("is not made up where nothing counts tokens or money", async () => {
    const { call } = await limited(journey, on({ unit: "requests", per: "minute", max: 100 }));
    expect((await call()).status).toBe(200);
    expect(capAt()).toBeNull();
  });
});
