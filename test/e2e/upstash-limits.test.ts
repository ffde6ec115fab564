import { Redis as OfficialClient } from "@upstash/redis";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { UpstashLimits, UpstashTake } from "../../src/platform/upstash-limits.ts";
import { TAKE } from "../../src/platform/upstash-scripts.ts";
import { describeWithRedis } from "../support/redis.ts";
import { costOf, NOW, requestsRule, TENANT, tokensRule } from "../support/upstash-rules.ts";
import { startUpstashStage, type UpstashStage } from "../support/upstash-stage.ts";

const allowed = (takes: readonly UpstashTake[]): number => takes.filter(({ ok }) => ok).length;

const official = ({ shim: { url, token } }: UpstashStage): OfficialClient =>
  new OfficialClient({ url, token });

describeWithRedis("limits that are counted in Redis", () => {
  let stage: UpstashStage;
  let here: UpstashLimits;
  let there: UpstashLimits;
  beforeAll(async () => {
    stage = await startUpstashStage();
    ({ here, there } = stage);
  });
  afterAll(() => stage?.dispose());

  it("let exactly as many of two hundred parallel calls of two isolates through as the maximum says", async () => {
    const requests = requestsRule({ max: 37 });
    const takes = await Promise.all(
      Array.from({ length: 200 }, (_, at) =>
        (at % 2 === 0 ? here : there).take(TENANT, [requests], costOf(0), NOW + at),
      ),
    );
    expect(allowed(takes)).toBe(37);
  });

  it("let exactly as many tokens through as fit, whatever the weights, and burn none for a refusal", async () => {
    const tokens = tokensRule();
    expect((await here.take(TENANT, [tokens], costOf(600), NOW)).ok).toBe(true);
    for (let again = 0; again < 3; again += 1) {
      const refused = await there.take(TENANT, [tokens], costOf(600), NOW + 1);
      expect(refused).toMatchObject({ ok: false, reason: "limited", used: 600 });
    }
    expect(await here.take(TENANT, [tokens], costOf(400), NOW + 2)).toMatchObject({
      ok: true,
      standings: [{ used: 1_000 }],
    });
    expect((await here.take(TENANT, [tokens], costOf(1), NOW + 3)).ok).toBe(false);
  });

  it("admit no more than the maximum of a parallel crowd of different weights", async () => {
    const tokens = tokensRule({ max: 5_000 });
    const amounts = Array.from({ length: 150 }, (_, at) => 10 + ((at * 37) % 190));
    const takes = await Promise.all(
      amounts.map((amount, at) =>
        (at % 2 === 0 ? here : there).take(TENANT, [tokens], costOf(amount), NOW),
      ),
    );
    const admitted = amounts.filter((_, at) => takes[at]?.ok).reduce((sum, each) => sum + each, 0);
    expect(admitted).toBeLessThanOrEqual(5_000);
    // What was refused did not fit: the smallest one would have otherwise.
    const refused = amounts.filter((_, at) => !takes[at]?.ok);
    expect(admitted + Math.min(...refused)).toBeGreaterThan(5_000);
  });

  it("take of all rules of a request or of none", async () => {
    const wide = requestsRule({ max: 100 });
    const narrow = tokensRule({ max: 50 });
    const refused = await here.take(TENANT, [wide, narrow], costOf(51), NOW);
    expect(refused).toMatchObject({ ok: false, rule: { id: narrow.id }, retryAfterMs: undefined });
    const next = await here.take(TENANT, [wide, narrow], costOf(50), NOW);
    expect(next).toMatchObject({ ok: true, standings: [{ used: 1 }, { used: 50 }] });
  });

  it("say of an amount above the maximum that no waiting helps", async () => {
    const refused = await here.take(TENANT, [tokensRule()], costOf(1_001), NOW);
    expect(refused).toMatchObject({ ok: false, reason: "limited", retryAfterMs: undefined });
  });

  it("slide: what was taken comes free a period later, not before, and when the refusal says", async () => {
    const tokens = tokensRule();
    await here.take(TENANT, [tokens], costOf(700), NOW);
    await here.take(TENANT, [tokens], costOf(300), NOW + 20_000);
    const refused = await there.take(TENANT, [tokens], costOf(500), NOW + 30_000);
    expect(refused).toMatchObject({ ok: false, retryAfterMs: 30_000 });
    const early = await there.take(TENANT, [tokens], costOf(500), NOW + 59_999);
    expect(early).toMatchObject({ ok: false, retryAfterMs: 1 });
    expect((await there.take(TENANT, [tokens], costOf(500), NOW + 60_000)).ok).toBe(true);
    const rest = await there.take(TENANT, [tokens], costOf(300), NOW + 60_001);
    expect(rest).toMatchObject({ ok: false, used: 800, retryAfterMs: 19_999 });
  });

  it("never hold more than the maximum in any stretch of a period", async () => {
    const requests = requestsRule({ max: 5 });
    const admitted: number[] = [];
    for (let at = NOW; at < NOW + 240_000; at += 1_700) {
      if ((await here.take(TENANT, [requests], costOf(0), at)).ok) admitted.push(at);
    }
    const within = admitted.map(
      (from) => admitted.filter((at) => at >= from && at < from + 60_000).length,
    );
    expect(Math.max(...within)).toBe(5);
    expect(admitted.length).toBeGreaterThanOrEqual(18);
  });

  it("keep tenants with rules of the same name apart", async () => {
    const requests = requestsRule({ max: 1 });
    expect((await here.take(TENANT, [requests], costOf(0), NOW)).ok).toBe(true);
    expect((await here.take("other001", [requests], costOf(0), NOW)).ok).toBe(true);
    expect((await here.take(TENANT, [requests], costOf(0), NOW)).ok).toBe(false);
  });

  it("count rules that only watch, and say what they would have refused", async () => {
    const watching = requestsRule({ max: 1, mode: "shadow" });
    await here.take(TENANT, [watching], costOf(0), NOW);
    const second = await here.take(TENANT, [watching], costOf(0), NOW);
    expect(second).toMatchObject({ ok: true, shadow: [{ id: watching.id }] });
  });

  it("share a count with a system outside that runs the same script with the official client", async () => {
    const tokens = tokensRule();
    const outside = official(stage);
    const key = `headgate:{${TENANT}}:limit:${tokens.id}`;
    const take = (amount: number): Promise<number[]> =>
      outside.eval(TAKE.script, [key], [String(NOW), "60000", "1000", String(amount), "1"]);
    await here.take(TENANT, [tokens], costOf(600), NOW);
    expect((await take(401))[0]).toBe(0);
    expect((await take(400))[0]).toBe(1);
    expect((await here.take(TENANT, [tokens], costOf(1), NOW)).ok).toBe(false);
  });

  it("leave nothing in Redis for good", async () => {
    const outside = official(stage);
    const tokens = tokensRule();
    await here.take(TENANT, [tokens], costOf(1_000_000), NOW);
    await here.take(TENANT, [tokens], costOf(1), NOW);
    const lives = await outside.pttl(`headgate:{${TENANT}}:limit:${tokens.id}`);
    expect(lives).toBeGreaterThan(60_000);
    expect(lives).toBeLessThanOrEqual(180_000);
  });
});
