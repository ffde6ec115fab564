import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Journey, startJourney } from "../support/journey.ts";
import { callWith, errorOf, limited, on } from "../support/limited.ts";
import { INPUT_TOKENS, TOKENS } from "../support/upstream-answer.ts";

let journey: Journey;
beforeAll(async () => {
  journey = await startJourney({ models: ["ok"] });
});
afterAll(() => journey?.dispose());

describe("a limit on requests", () => {
  it("admits exactly the maximum, then says which limit and for how long", async () => {
    const { call } = await limited(journey, on({ unit: "requests", per: "minute", max: 5 }), "key");
    const answers = await Promise.all(Array.from({ length: 12 }, () => call()));
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([...Array(5).fill(200), ...Array(7).fill(429)]);
    const refused = answers.find(({ status }) => status === 429);
    expect(Number(refused?.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
    expect(Number(refused?.headers.get("retry-after-ms"))).toBeGreaterThan(0);
    expect(refused?.headers.get("x-ratelimit-limit-requests")).toBe("5");
    expect(refused?.headers.get("x-ratelimit-remaining-requests")).toBe("0");
    expect(await refused?.json()).toMatchObject({
      error: {
        code: "rate_limit_requests",
        type: "rate_limit_error",
        source: "limit",
        retryable: true,
        details: { level: "key", unit: "requests", per: "minute", limit: 5 },
      },
    });
    const admitted = answers.find(({ status }) => status === 200);
    expect(admitted?.headers.get("x-ratelimit-limit-requests")).toBe("5");
    expect(admitted?.headers.get("x-ratelimit-reset-requests")).toMatch(/^(\d+m)?\d+s$|^\d+ms$/);
  });

  it("counts for the whole organisation where it stands there", async () => {
    const { org, call } = await limited(journey, on({ unit: "requests", per: "day", max: 3 }));
    const other = await journey.gateway.makeKey(org);
    for (let count = 0; count < 3; count += 1) expect((await call()).status).toBe(200);
    const answer = await callWith(journey, other)();
    expect(answer.status).toBe(429);
    const { details } = await errorOf(answer);
    expect(details).toMatchObject({ level: "org", limit: 3 });
    expect(details).not.toHaveProperty("used");
  });
});

describe("what an operator sees of limits", () => {
  it("is the organisation's own before anybody has met it, and every change of it at once", async () => {
    const { org, call } = await limited(journey, on({ unit: "requests", per: "day", max: 5 }));
    const { adminJson } = journey.gateway;
    const shown = async () => (await adminJson("GET", `/limits/${org}`))["rules"];
    const rule = { level: "org", id: org, unit: "requests", per: "day", held: 0, mode: "on" };
    expect(await shown()).toMatchObject([{ ...rule, max: 5, used: 0, remaining: 5 }]);
    expect((await call()).status).toBe(200);
    // The end of the request is told a moment after its answer.
    await expect.poll(shown).toMatchObject([{ ...rule, max: 5, used: 1, remaining: 4 }]);
    const policy = on({ unit: "requests", per: "day", max: 3 });
    await adminJson("PATCH", `/orgs/${org}`, { policy });
    expect(await shown()).toMatchObject([{ ...rule, max: 3, used: 1, remaining: 2 }]);
    await adminJson("PATCH", `/orgs/${org}`, { policy: { limits: null } });
    expect(await shown()).toEqual([]);
  });
});

describe("a budget in dollars", () => {
  it("is spent to what the provider reported, and ends in 402 with the time of its reset", async () => {
    const budget = on({ unit: "usd", per: "day", max: 0.02 });
    const { call, standing } = await limited(journey, budget, "key");
    let last = await call({ max_tokens: 100 });
    expect(last.status).toBe(200);
    expect(Number(last.headers.get("x-headgate-cost-usd"))).toBeGreaterThan(0);
    for (let count = 0; count < 400 && last.status === 200; count += 1) {
      last = await call({ max_tokens: 100 });
    }
    expect(last.status).toBe(402);
    expect(last.headers.get("x-should-retry")).toBe("false");
    expect(await last.json()).toMatchObject({
      error: {
        code: "budget_exceeded",
        type: "insufficient_quota",
        details: { unit: "usd", per: "day", limit: 0.02, resets_at: expect.stringMatching(/Z$/) },
      },
    });
    const { today_usd: spent } = (await standing())["spend"] as { today_usd: number };
    expect(spent).toBeGreaterThan(0);
    expect(spent).toBeLessThanOrEqual(0.02);
  });
});

describe("a slot", () => {
  it("is free again when the request is over", async () => {
    const { call } = await limited(journey, on({ unit: "concurrent", max: 1 }), "key");
    for (let count = 0; count < 5; count += 1) {
      const answer = await call({ stream: count % 2 === 1 });
      expect(answer.status).toBe(200);
      await answer.text();
    }
  });
});

describe("the ledger", () => {
  it("has a row for a request, with what the provider reported", async () => {
    const { call, rowOf } = await limited(journey, {});
    const answer = await call({}, { "x-request-id": "mine-1", "x-headgate-tags": "feature=docs" });
    const told = (await answer.json()) as { usage: { prompt_tokens: number } };
    expect(await rowOf(answer)).toMatchObject({
      request_id: answer.headers.get("x-request-id"),
      client_request_id: "mine-1",
      requested_model: "openai-ok",
      model: "openai-ok",
      status: 200,
      input_tokens: told.usage.prompt_tokens,
      estimated: false,
      attempts: 1,
      tags: { feature: "docs" },
    });
  });

  it("has the tokens of a stream", async () => {
    const { call, rowOf } = await limited(journey, {});
    const answer = await call({ stream: true });
    await answer.text();
    expect(await rowOf(answer)).toMatchObject({
      ...{ stream: true, status: 200, estimated: false },
      ...{ input_tokens: INPUT_TOKENS, output_tokens: TOKENS.length },
    });
  });

  it("shows nobody another's request", async () => {
    const mine = await limited(journey, {});
    const other = await limited(journey, {});
    const answer = await mine.call();
    await mine.rowOf(answer);
    const path = `/v1/requests/${answer.headers.get("x-request-id")}`;
    const headers = { authorization: `Bearer ${other.key}` };
    const theirs = await fetch(`${journey.gateway.url}${path}`, { headers });
    expect(theirs.status).toBe(404);
  });

  it("is found with the key that its own was rotated to", async () => {
    const { call, rowOf, keyId } = await limited(journey, {});
    const answer = await call();
    await rowOf(answer);
    const rotated = await journey.gateway.adminJson("POST", `/keys/${keyId}/rotate`, {
      overlap_seconds: 60,
    });
    const path = `/v1/requests/${answer.headers.get("x-request-id")}`;
    const headers = { authorization: `Bearer ${rotated["key"]}` };
    const found = await fetch(`${journey.gateway.url}${path}`, { headers });
    expect(found.status).toBe(200);
  });
});

describe("a revoked key", () => {
  it("is refused from the answer on", async () => {
    const { call, keyId } = await limited(journey, {});
    expect((await call()).status).toBe(200);
    const revoked = await journey.gateway.admin("DELETE", `/keys/${keyId}`);
    expect(revoked.status).toBe(204);
    expect((await call()).status).toBe(401);
  });

  // Nothing admits there, and the isolate knew the key: for seconds it went on telling of it.
  it("looks at nothing any more from the answer on, as one that was changed sees the change", async () => {
    const { gateway } = journey;
    const { key, keyId } = await limited(journey, {});
    const headers = { authorization: `Bearer ${key}` };
    const get = (path: string) => fetch(`${gateway.url}${path}`, { headers });
    const looks = ["/v1/key", "/v1/models", "/v1/models/openai-ok", "/v1/requests/none"];
    const statuses = async () => Promise.all(looks.map(async (path) => (await get(path)).status));
    expect(await statuses()).toEqual([200, 200, 200, 404]);
    const policy = { models: { allow: ["none-*"] } };
    await gateway.adminJson("PATCH", `/keys/${keyId}`, { name: "changed", policy });
    expect(await statuses()).toEqual([200, 200, 404, 404]);
    expect(await (await get("/v1/key")).json()).toMatchObject({ name: "changed" });
    expect((await gateway.admin("DELETE", `/keys/${keyId}`)).status).toBe(204);
    expect(await statuses()).toEqual([401, 401, 401, 401]);
  });
});

describe("limits in shadow mode", () => {
  it("refuse nobody, and are on the record", async () => {
    const shadow = { mode: "shadow", rules: [{ unit: "requests", per: "day", max: 1 }] };
    const { call, rowOf } = await limited(journey, { limits: shadow }, "key");
    await call();
    const answer = await call();
    expect(answer.status).toBe(200);
    expect(await rowOf(answer)).toMatchObject({
      shadow: [{ section: "limits", decision: "deny:key/requests/day" }],
    });
  });
});
