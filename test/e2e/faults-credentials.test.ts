import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Journey, ORG, startJourney } from "../support/journey.ts";
import { expectAtRest, rowOf, usedOf } from "../support/ledger.ts";
import {
  allOf,
  askCase,
  CANARIES,
  type FaultCase,
  sectionsFor,
  told,
  triesOf,
  WHOLE,
  waysOf,
} from "../support/upstream-cases.ts";

const ROWS = [
  { f: "F9", fault: "quota-429-once", code: "upstream_quota" },
  { f: "F9", fault: "quota-402-once", code: "upstream_quota" },
  { f: "F10", fault: "status-401-once", code: "upstream_auth_failed" },
  { f: "F10", fault: "status-403-once", code: "upstream_auth_failed" },
];
const casesOf = (label: string) =>
  ROWS.flatMap((row) =>
    waysOf(row.fault, { fallbacks: [false], label }).map((one: FaultCase) => ({ ...row, ...one })),
  );
const SPARED = casesOf("two-keys");
const TWICE = casesOf("both").map((one) => ({
  ...one,
  fault: one.fault.replace("-once", ""),
}));

let journey: Journey;
beforeAll(async () => {
  journey = await startJourney({
    counted: true,
    config: (upstream) => {
      const sections = sectionsFor(upstream, [...SPARED, ...TWICE]);
      // The second key is another secret: what matters is that it differs from the first.
      const both = [{ secret: "OPENAI_API_KEY" }, { secret: "GEMINI_API_KEY" }];
      const providers = Object.fromEntries(
        Object.entries(sections.providers).map(([name, one]) => [name, { ...one, api_key: both }]),
      );
      return { ...sections, providers };
    },
  });
});
afterAll(() => journey?.dispose());

const keysUsed = (one: FaultCase): unknown[] =>
  triesOf(journey, one).map(({ headers }) => headers["x-api-key"] ?? headers.authorization);

describe("a key that is refused or out of credit", () => {
  it.each(SPARED)("$f $name: the next key takes over", async (row) => {
    const response = await askCase(journey, row);
    const text = await response.text();
    expect(response.status).toBe(200);
    expect(told(text, row)).toMatchObject({ ...WHOLE, isEnded: true });
    expect(response.headers.get("x-headgate-attempts")).toBe("2");
    expect(await rowOf(journey, response.headers.get("x-request-id"))).toMatchObject({
      ...{ status: 200, error_code: null, attempts: 2, fallback_from: null, estimated: false },
      ...{ input_tokens: 25, output_tokens: 60, cost_usd: 0.000145 },
    });
    expect(keysUsed(row)).toEqual([
      expect.stringContaining("sk-test-openai"),
      expect.stringContaining("test-gemini"),
    ]);
  });

  it.each(TWICE)(
    "$f $name: with no key left it is 502, and no word of the provider",
    async (row) => {
      const response = await askCase(journey, row);
      const text = await response.text();
      expect(response.status).toBe(502);
      expect(JSON.parse(text).error).toMatchObject({ code: row.code });
      expect(response.headers.get("x-should-retry")).toBe("false");
      expect(keysUsed(row)).toHaveLength(2);
      expect(await rowOf(journey, response.headers.get("x-request-id"))).toMatchObject({
        ...{ status: 502, error_code: row.code, attempts: 2, estimated: false },
        ...{ input_tokens: null, output_tokens: null, cost_usd: 0 },
      });
      expect(allOf(response, text)).not.toMatch(CANARIES);
    },
  );

  it("leaves nothing held, and is charged nowhere", async () => {
    const used = usedOf(await expectAtRest(journey.gateway, ORG));
    expect(used["tokens"]).toBe(SPARED.length * 85);
    expect(used["usd"]).toBeCloseTo(SPARED.length * 0.000145, 9);
  });
});
