import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, type Journey, ORG, startJourney } from "../support/journey.ts";
import { expectAtRest, rowOf } from "../support/ledger.ts";
import {
  askCase,
  type FaultCase,
  fallbackOf,
  fallbackTriesOf,
  sectionsFor,
  triesOf,
  upstreamNameOf,
  waysOf,
} from "../support/upstream-cases.ts";

const ENTIRE = { streams: [false] };
const ALONE = { ...ENTIRE, fallbacks: [false] };
const BACKED = { ...ENTIRE, fallbacks: [true] };

const THROTTLING = ["status-503-ra-20", "status-529-ra-20", "status-429-ra-20"];
const THROTTLED = THROTTLING.flatMap((fault) => waysOf(fault, ENTIRE));
const DEAD = waysOf("status-500", ENTIRE);
const BLAMELESS = ["content-filter-400", "status-400", "context-400"].flatMap((fault) =>
  waysOf(fault, ALONE),
);
const REFUSED = ["status-401", "quota-429"].flatMap((fault) => waysOf(fault, BACKED));
const REGIONS = waysOf("status-500", { ...ALONE, label: "region" });

let journey: Journey;
beforeAll(async () => {
  const cases = [...THROTTLED, ...DEAD, ...BLAMELESS, ...REFUSED, ...REGIONS];
  journey = await startJourney({
    counted: true,
    config: (upstream) => {
      const sections = sectionsFor(upstream, cases);
      const models: Record<string, object> = sections.models;
      for (const one of REGIONS) {
        const model = models[one.name];
        models[one.name] = { ...model, region: "east" };
        models[`${one.name}.west`] = { ...model, region: "west", upstream: "ok--west" };
      }
      return { ...sections, models };
    },
  });
});
afterAll(() => journey?.dispose());

const statusOf = async (one: FaultCase): Promise<number> => {
  const response = await askCase(journey, one);
  await response.arrayBuffer();
  return response.status;
};

/** Asks until the primary is spared; throws when it never is. */
const untilSpared = async (one: FaultCase): Promise<void> => {
  for (let asked = 0; asked < 40; asked += 1) {
    const before = triesOf(journey, one).length;
    await statusOf(one);
    if (triesOf(journey, one).length === before) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("it is asked for ever");
};

describe("F7 F8 a target that named a time", () => {
  it.each(THROTTLED)("$name is spared until then", async (one) => {
    await untilSpared(one);
    const tries = triesOf(journey, one).length;
    const response = await askCase(journey, one);
    await response.arrayBuffer();
    expect(triesOf(journey, one)).toHaveLength(tries);
    if (one.hasFallback) {
      expect(response.status).toBe(200);
      expect(response.headers.get("x-headgate-model")).toBe(fallbackOf(one));
      return;
    }
    expect([429, 503]).toContain(response.status);
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(10);
    expect(response.headers.get("x-headgate-attempts")).toBe("0");
    // A 429 is a denial, which is counted and has no row.
    if (response.status === 429) return;
    expect(await rowOf(journey, response.headers.get("x-request-id"))).toMatchObject({
      ...{ status: 503, error_code: "no_healthy_upstream", attempts: 0 },
      ...{ input_tokens: null, output_tokens: null, estimated: false },
    });
  });
});

describe("F25 a target that is down", () => {
  it.each(DEAD)("$name is asked a few times, then spared", async (one) => {
    await untilSpared(one);
    // Five failures open the breaker; three more may have been under way.
    expect(triesOf(journey, one).length).toBeLessThanOrEqual(8);
    const response = await askCase(journey, one);
    const body = (await response.json()) as { error?: { code: string } };
    if (one.hasFallback) {
      expect(response.status).toBe(200);
      expect(fallbackTriesOf(journey, one).length).toBeGreaterThan(1);
      return;
    }
    expect(response.status).toBe(503);
    expect(body.error?.code).toBe("no_healthy_upstream");
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
  });
});

describe("F11 F13 what the caller caused", () => {
  it.each(BLAMELESS)("$name is no fault of the target", async (one) => {
    for (let asked = 0; asked < 12; asked += 1) expect(await statusOf(one)).toBe(400);
    journey.upstream.heal(upstreamNameOf(one));
    expect(await statusOf(one)).toBe(200);
  });
});

describe("F9 F10 a provider's only key that is refused", () => {
  it.each(REFUSED)("$name: the provider is spared, its fallback is not", async (one) => {
    await untilSpared(one);
    expect(await statusOf(one)).toBe(200);
    expect(triesOf(journey, one).length).toBeLessThanOrEqual(3);
  });
});

describe("F27 one region that is bad", () => {
  it.each(REGIONS)("$name: only that one is spared", async (one) => {
    await untilSpared(one);
    const west = { ...one, name: `${one.name}.west` };
    expect(await statusOf(west)).toBe(200);
    await eventually(() => journey.upstream.to("ok--west").length > 0);
  });
});

it("nothing is held for whoever was not served", async () => {
  await expectAtRest(journey.gateway, ORG);
});
