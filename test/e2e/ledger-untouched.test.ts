import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Journey, startJourney } from "../support/journey.ts";
import { expectAtRest } from "../support/ledger.ts";
import { callWith, errorOf, limited, on } from "../support/limited.ts";

let journey: Journey;
beforeAll(async () => {
  journey = await startJourney({ models: ["ok", "slow-headers-3000"] });
});
afterAll(() => journey?.dispose());

const POLICY = on({ unit: "requests", per: "day", max: 100 });

/** When the organisation's object was first made; null while there is none. */
const objectAt = async (org: string): Promise<unknown> => {
  const database = await journey.gateway.miniflare.getD1Database("DB");
  return database.prepare("SELECT object_at FROM orgs WHERE id = ?").bind(org).first("object_at");
};

const WRONG: readonly (readonly [f: string, body: string, code: string])[] = [
  ["F33", "{", "invalid_json"],
  ["F35", '{"model":"openai-ok","model":"openai-ok","messages":[]}', "invalid_json"],
  [
    "F36",
    '{"model":"openai-ok","messages":[{"role":"user","content":"hi"}],"max_tokens":-1}',
    "invalid_parameter",
  ],
  ["F37", '{"model":"nobody","messages":[{"role":"user","content":"hi"}]}', "model_not_found"],
  ["F69", '{"model":"openai-ok","messages":[],"headgate":{"base_url":"x"}}', "unknown_field"],
];

describe("what is refused before anything is counted", () => {
  it.each(WRONG)("%s %s makes no account", async (_, body, code) => {
    const { org, key } = await limited(journey, POLICY);
    const answer = await fetch(`${journey.gateway.url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body,
    });
    expect(await errorOf(answer)).toMatchObject({ code });
    expect(await objectAt(org)).toBeNull();
    expect(await journey.gateway.adminJson("GET", `/requests?org=${org}`)).toMatchObject({
      data: [],
    });
  });

  it("F89 a key that somebody made up reaches nobody's account", async () => {
    const { org, key, call } = await limited(journey, POLICY);
    const [tenant = "", tag = ""] = [key.slice(8, 16), key.slice(-8)];
    const forged = Array.from({ length: 40 }, (_, at) => {
      const secret = `${at}`.padStart(32, "x");
      return `hg_live_${tenant}${`${at}`.padStart(8, "0")}${secret}_${tag}`;
    });
    const answers = await Promise.all(forged.map((one) => callWith(journey, one)()));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
    expect(await objectAt(org)).toBeNull();
    expect((await call()).status).toBe(200);
    expect(await objectAt(org)).toBeGreaterThan(0);
  });
});

describe("what the caller's own client says of itself", () => {
  it("F43 ends a request after the second that it would wait, and nothing stays held", async () => {
    const { call, org, rowOf } = await limited(
      journey,
      on({ unit: "tokens", per: "hour", max: 1e6 }),
    );
    const answer = await call(
      { model: "openai-slow-headers-3000" },
      { "x-stainless-timeout": "1" },
    );
    expect(answer.status).toBe(504);
    const { headers } = journey.upstream.to("slow-headers-3000").at(-1) ?? {};
    expect(Number(headers?.["x-stainless-timeout"])).toBeGreaterThan(0.5);
    expect(Number(headers?.["x-stainless-timeout"])).toBeLessThanOrEqual(0.95);
    expect(await rowOf(answer)).toMatchObject({
      ...{ status: 504, error_code: "upstream_timeout", attempts: 1, estimated: true },
      // Who gives up has left a provider at work, as one who leaves.
      cost_usd: expect.toSatisfy((cost: number) => cost > 0),
    });
    await expectAtRest(journey.gateway, org);
  });

  it("F42 that it is asking again is another request, held once", async () => {
    const { call, org, rowOf } = await limited(
      journey,
      on({ unit: "requests", per: "day", max: 5 }),
    );
    const again = await call({}, { "x-stainless-retry-count": "1" });
    expect(await rowOf(again)).toMatchObject({ status: 200, attempts: 1 });
    const { rules } = await expectAtRest(journey.gateway, org);
    expect(rules).toMatchObject([{ used: 1, held: 0 }]);
  });
});

describe("an answer that is given again", () => {
  it("F41 costs nothing, is refused by no limit, and is no second request", async () => {
    const rules = [
      { unit: "requests", per: "day", max: 1 },
      { unit: "usd", per: "day", max: 1 },
    ];
    const { call, org, rowOf } = await limited(journey, on(...rules));
    const once = { "idempotency-key": "order-1" };
    const first = await call({}, once);
    const text = await first.text();
    await rowOf(first);
    const before = await expectAtRest(journey.gateway, org);
    for (let time = 0; time < 3; time += 1) {
      const again = await call({}, once);
      expect(again.status).toBe(200);
      expect(again.headers.get("idempotent-replayed")).toBe("true");
      expect(await again.text()).toBe(text);
    }
    expect((await call()).status).toBe(429);
    expect(await expectAtRest(journey.gateway, org)).toEqual(before);
    const { data } = await journey.gateway.adminJson("GET", `/requests?org=${org}`);
    expect(data).toHaveLength(1);
  });
});
