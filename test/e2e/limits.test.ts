import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Journey, startJourney } from "../support/journey.ts";

let journey: Journey;
beforeAll(async () => {
  journey = await startJourney({ models: ["ok", "status-503"] });
});
afterAll(() => journey?.dispose());

const on = (...rules: readonly object[]) => ({ limits: { mode: "on", rules } });

/** A key of an organisation of its own, with that policy at its level. */
let made = 0;
const withPolicy = async (policy: object, level: "org" | "key" = "key") => {
  made += 1;
  const org = `org${made}`;
  await journey.gateway.makeOrg(org, level === "org" ? policy : undefined);
  const key = await journey.gateway.makeKey(org, level === "key" ? { policy } : {});
  const call = (body: object = {}, headers: Record<string, string> = {}) =>
    fetch(`${journey.gateway.url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...headers },
      body: JSON.stringify({
        model: "openai-ok",
        messages: [{ role: "user", content: "hi" }],
        ...body,
      }),
    });
  const get = async (path: string) => {
    const answer = await fetch(`${journey.gateway.url}${path}`, {
      headers: { authorization: `Bearer ${key}` },
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  return { org, key, call, get };
};

type Get = Awaited<ReturnType<typeof withPolicy>>["get"];

/** The row of a request, as soon as the ledger has it. */
const rowOf = async (get: Get, id: string): Promise<Record<string, unknown>> => {
  for (let tries = 0; tries < 200; tries += 1) {
    const found = await get(`/v1/requests/${id}`);
    if (found.status === 200) return found.body;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`no row of ${id}`);
};

describe("a limit on requests", () => {
  it("admits exactly the maximum, then says which limit and for how long", async () => {
    const { call } = await withPolicy(on({ unit: "requests", per: "minute", max: 5 }));
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
    const { org, call } = await withPolicy(on({ unit: "requests", per: "day", max: 3 }), "org");
    const other = await journey.gateway.makeKey(org);
    for (let count = 0; count < 3; count += 1) expect((await call()).status).toBe(200);
    const answer = await fetch(`${journey.gateway.url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${other}`, "content-type": "application/json" },
      body: JSON.stringify({ model: "openai-ok", messages: [{ role: "user", content: "hi" }] }),
    });
    expect(answer.status).toBe(429);
    const body = (await answer.json()) as { error: { details: Record<string, unknown> } };
    expect(body.error.details).toMatchObject({ level: "org", limit: 3 });
    expect(body.error.details).not.toHaveProperty("used");
  });
});

describe("a budget in dollars", () => {
  it("is spent to what the provider reported, and ends in 402 with the time of its reset", async () => {
    const { call, get } = await withPolicy(on({ unit: "usd", per: "day", max: 0.02 }));
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
    const { body } = await get("/v1/key");
    expect(body).toMatchObject({ spend: { today_usd: expect.any(Number) } });
    const { today_usd: spent } = body["spend"] as { today_usd: number };
    expect(spent).toBeGreaterThan(0);
    expect(spent).toBeLessThanOrEqual(0.02);
  });
});

describe("a slot", () => {
  it("is free again when the request is over", async () => {
    const { call } = await withPolicy(on({ unit: "concurrent", max: 1 }));
    for (let count = 0; count < 5; count += 1) {
      const answer = await call({ stream: count % 2 === 1 });
      expect(answer.status).toBe(200);
      await answer.text();
    }
  });
});

describe("the ledger", () => {
  it("has a row for a request, with what the provider reported", async () => {
    const { call, get } = await withPolicy({});
    const answer = await call({}, { "x-request-id": "mine-1", "x-headgate-tags": "feature=docs" });
    const told = (await answer.json()) as { usage: { prompt_tokens: number } };
    const id = answer.headers.get("x-request-id") ?? "";
    expect(await rowOf(get, id)).toMatchObject({
      request_id: id,
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

  it("has the tokens of a stream, and of one that the caller did not wait for", async () => {
    const { call, get } = await withPolicy({});
    const answer = await call({ stream: true });
    const id = answer.headers.get("x-request-id") ?? "";
    await answer.text();
    expect(await rowOf(get, id)).toMatchObject({
      stream: true,
      status: 200,
      output_tokens: expect.any(Number),
    });
  });

  it("shows nobody another's request", async () => {
    const mine = await withPolicy({});
    const other = await withPolicy({});
    const answer = await mine.call();
    const id = answer.headers.get("x-request-id") ?? "";
    await rowOf(mine.get, id);
    expect((await other.get(`/v1/requests/${id}`)).status).toBe(404);
  });
});

describe("a revoked key", () => {
  it("is refused from the answer on", async () => {
    const { call, get, org } = await withPolicy({});
    expect((await call()).status).toBe(200);
    const { body } = await get("/v1/key");
    const revoked = await journey.gateway.admin("DELETE", `/keys/${body["id"]}`);
    expect(revoked.status).toBe(204);
    expect((await call()).status).toBe(401);
    expect(org).not.toBe("");
  });
});

describe("limits in shadow mode", () => {
  it("refuse nobody, and are on the record", async () => {
    const { call, get } = await withPolicy({
      limits: { mode: "shadow", rules: [{ unit: "requests", per: "day", max: 1 }] },
    });
    await call();
    const answer = await call();
    expect(answer.status).toBe(200);
    const id = answer.headers.get("x-request-id") ?? "";
    expect(await rowOf(get, id)).toMatchObject({
      shadow: [{ section: "limits", decision: "deny:key/requests/day" }],
    });
  });
});
