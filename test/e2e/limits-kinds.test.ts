import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Journey, startJourney } from "../support/journey.ts";
import { callWith, errorOf, limited, on } from "../support/limited.ts";

let journey: Journey;
beforeAll(async () => {
  journey = await startJourney({ models: ["ok"] });
});
afterAll(() => journey?.dispose());

const statusesOf = async (calls: readonly Promise<Response>[]): Promise<number[]> =>
  (await Promise.all(calls)).map(({ status }) => status);

describe("a limit on some models", () => {
  const rule = { unit: "requests", per: "day", max: 1, when: { models: ["anthropic-*"] } };

  it("leaves the others, and refuses when none is left", async () => {
    const { call } = await limited(journey, on(rule));
    const body = { model: "anthropic-ok", fallback_models: ["openai-ok"] };
    const first = await call(body);
    expect(first.headers.get("x-headgate-model")).toBe("anthropic-ok");
    const second = await call(body);
    expect(second.status).toBe(200);
    expect(second.headers.get("x-headgate-model")).toBe("openai-ok");
    expect(second.headers.get("x-headgate-attempts")).toBe("1");
    const third = await call({ model: "anthropic-ok", fallback_models: ["anthropic-ok"] });
    expect(third.status).toBe(429);
    expect(await errorOf(third)).toMatchObject({ code: "rate_limit_requests" });
    expect((await call({ model: "openai-ok" })).status).toBe(200);
  });
});

describe("a limit with a condition", () => {
  it("counts streams alone", async () => {
    const rule = { unit: "requests", per: "day", max: 1, when: { stream: true } };
    const { call } = await limited(journey, on(rule));
    const stream = { stream: true };
    const statuses: number[] = [];
    for (const body of [stream, stream, {}, {}]) statuses.push((await call(body)).status);
    expect(statuses).toEqual([200, 429, 200, 200]);
  });
});

describe("whom a limit counts", () => {
  it("end users, each for himself", async () => {
    const { call } = await limited(
      journey,
      on({ unit: "requests", per: "day", max: 1, level: "user" }),
    );
    const as = (user: string) => call({}, { "x-headgate-user": user });
    const statuses: number[] = [];
    for (const user of ["ann", "bob", "ann", "bob"]) statuses.push((await as(user)).status);
    expect(statuses).toEqual([200, 200, 429, 429]);
    // The same name in the body is the same user.
    expect((await call({ user: "ann" })).status).toBe(429);
  });

  it("projects, by their tag", async () => {
    const rule = { unit: "requests", per: "day", max: 1, level: "tag:project" };
    const { call } = await limited(journey, on(rule));
    const of = (project: string) => call({}, { "x-headgate-tags": `project=${project}` });
    const statuses: number[] = [];
    for (const project of ["a", "b", "a"]) statuses.push((await of(project)).status);
    expect(statuses).toEqual([200, 200, 429]);
    // Who has no such tag is not counted by it.
    expect(await statusesOf([call(), call()])).toEqual([200, 200]);
  });

  it("a key and the one that took its place together", async () => {
    const { call, keyId } = await limited(
      journey,
      on({ unit: "requests", per: "day", max: 2, level: "key" }),
    );
    expect((await call()).status).toBe(200);
    const rotated = { overlap_seconds: 60 };
    const { key } = await journey.gateway.adminJson("POST", `/keys/${keyId}/rotate`, rotated);
    const next = callWith(journey, String(key));
    expect((await next()).status).toBe(200);
    expect(await statusesOf([next(), call()])).toEqual([429, 429]);
  });
});

describe("tags that a policy asks for", () => {
  it("are missed by name", async () => {
    const { call } = await limited(journey, { tags: { required: ["project", "feature"] } });
    const refused = await call({}, { "x-headgate-tags": "project=x" });
    expect(refused.status).toBe(400);
    expect(await errorOf(refused)).toMatchObject({ code: "missing_tags", param: "feature" });
    const answer = await call({}, { "x-headgate-tags": "project=x,feature=y" });
    expect(answer.status).toBe(200);
  });
});

describe("a limit that makes wait", () => {
  const leaky = (max_wait_ms: number) =>
    on({ unit: "requests", per: "minute", max: 120, kind: "leaky", max_wait_ms });

  it("lets requests through one after the other", async () => {
    const { call } = await limited(journey, leaky(5_000));
    const began = Date.now();
    const took = await Promise.all(
      [1, 2, 3].map(async () => {
        expect((await call()).status).toBe(200);
        return Date.now() - began;
      }),
    );
    took.sort((a, b) => a - b);
    // Half a second apart; timers may ring a little early.
    expect(took[1]).toBeGreaterThanOrEqual(480);
    expect(took[2]).toBeGreaterThanOrEqual(980);
  });

  it("refuses whom it would make wait for too long, and says for how long", async () => {
    const { call } = await limited(journey, leaky(600));
    const answers = await Promise.all([1, 2, 3].map(() => call()));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(1);
    expect(Number(refused[0]?.headers.get("retry-after"))).toBe(1);
    expect(Number(refused[0]?.headers.get("retry-after-ms"))).toBeGreaterThan(0);
  });
});

describe("a calendar", () => {
  it.each([
    ["Asia/Kolkata", /T18:30:00/],
    ["UTC", /T00:00:00/],
    ["Pacific/Chatham", /T(10:15|11:15):00/],
  ])("of %s begins its day at midnight there", async (timezone, midnight) => {
    const { call, rowOf, standing } = await limited(
      journey,
      on({ unit: "requests", per: "day", max: 5, kind: "calendar", timezone }),
    );
    await rowOf(await call());
    const { limits } = (await standing()) as { limits: readonly Record<string, unknown>[] };
    expect(limits).toMatchObject([
      { unit: "requests", per: "day", max: 5, used: 1, resets_at: expect.stringMatching(midnight) },
    ]);
  });
});

describe("a policy that is changed", () => {
  it("is in force at the next request, for a key that was in use, and keeps its counts", async () => {
    const { call, org } = await limited(journey, on({ unit: "requests", per: "day", max: 1_000 }));
    for (let time = 0; time < 3; time += 1) expect((await call()).status).toBe(200);
    const patch = (policy: object) =>
      journey.gateway.adminJson("PATCH", `/orgs/${org}`, { policy });
    await patch(on({ unit: "requests", per: "day", max: 4 }));
    expect((await call()).status).toBe(200);
    const refused = await call();
    expect(refused.status).toBe(429);
    expect(await errorOf(refused)).toMatchObject({ details: { level: "org", limit: 4 } });
    await patch({ models: { allow: ["gemini-*"] }, limits: null });
    expect((await call()).status).toBe(403);
    expect((await call({ model: "gemini-ok" })).status).toBe(200);
  });
});

describe("refusals by limits", () => {
  it("stand in the reports, and by code and rule in the database", async () => {
    const { call, org } = await limited(journey, on({ unit: "requests", per: "day", max: 1 }));
    expect(await statusesOf([call(), call(), call()])).toContain(429);
    const report = () => journey.gateway.adminJson("GET", `/usage?org=${org}`);
    await expect.poll(report, { timeout: 10_000 }).toMatchObject({ denied_requests: 2 });
    const database = await journey.gateway.miniflare.getD1Database("DB");
    const counted = database.prepare(
      "SELECT status, code, rule, count FROM usage_denials WHERE org = ?",
    );
    expect((await counted.bind(org).all()).results).toEqual([
      { status: 429, code: "rate_limit_requests", rule: "org/requests/day", count: 2 },
    ]);
  });
});
