import type { RequestListener } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { NO_COST } from "../../src/domain/limit.ts";
import { type LoopbackServer, serveLoopback } from "../support/loopback-server.ts";
import { costOf, limitsOver, NOW, requestsRule, TENANT } from "../support/upstash-rules.ts";
import { endsOf } from "../support/upstash-stage.ts";

const COST = costOf(100);
const rule = (more: Parameters<typeof requestsRule>[0] = {}) => requestsRule({ max: 30, ...more });
const openRule: typeof rule = (more = {}) => rule({ storeDown: "open_local", ...more });

const servers: LoopbackServer[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => server.dispose())));

const serve = async (listener: RequestListener): Promise<string> => {
  const server = await serveLoopback(listener);
  servers.push(server);
  return server.url;
};

const nowhere = async (): Promise<string> => {
  const { url, dispose } = await serveLoopback(() => {});
  await dispose();
  return url;
};

const json =
  (status: number, body: string): RequestListener =>
  (_request, response) => {
    response.writeHead(status, { "content-type": "application/json" }).end(body);
  };

/** Limits in front of `url`; time stands still but for what `clock` is told. */
const limitsAt = (url: string, allowPrivate = true) => {
  const noted: string[] = [];
  const clock = { time: NOW };
  const limits = limitsOver({
    ...{ url, token: "token", timeoutMs: 1_000, allowPrivate },
    clock: {
      now: () => clock.time,
      after: (ms, run) => {
        const timer = setTimeout(run, ms);
        return () => clearTimeout(timer);
      },
    },
    note: (incident) => noted.push(incident),
  });
  return { limits, noted, clock };
};

const CLOSED = { ok: false, reason: "unavailable", retryAfterMs: 2_000 };

describe("a Redis that does not answer", () => {
  it.each([
    ["refuses the connection", nowhere, "unreachable"],
    ["hangs", () => serve(() => {}), "timeout"],
    ["does not know the token", () => serve(json(401, '{"error":"WRONGPASS"}')), "unauthorized"],
    ["is out of its quota", () => serve(json(400, '{"error":"ERR max requests"}')), "refused"],
    ["answers something else", () => serve(json(200, "<html>")), "unreachable"],
    ["answers a script with nonsense", () => serve(json(200, '{"result":"OK"}')), "refused"],
    [
      "sends somewhere else",
      () => serve((_, r) => r.writeHead(307, { location: "/" }).end()),
      "unreachable",
    ],
  ])("and %s closes its rules, on record", async (_name, start, why) => {
    const { limits, noted } = limitsAt(await start());
    expect(await limits.take(TENANT, [rule()], COST, NOW)).toMatchObject(CLOSED);
    expect(noted).toEqual([
      expect.stringMatching(`^limits.closed limit/acme0001/key/requests/minute: .*${why}`),
    ]);
  });

  it("is never asked in the open: an address without https closes the rules", async () => {
    const { limits, noted } = limitsAt("http://redis.example.com", false);
    expect(await limits.take(TENANT, [rule()], COST, NOW)).toMatchObject(CLOSED);
    expect(noted[0]).toContain("misconfigured");
  });

  it("leaves a tenth of an open rule's maximum to the isolate, on record", async () => {
    const { limits, noted } = limitsAt(await nowhere());
    const open = openRule();
    const takes = [];
    for (let at = 0; at < 5; at += 1) {
      takes.push(await limits.take(TENANT, [open], COST, NOW + at));
    }
    expect(takes.map(({ ok }) => ok)).toEqual([true, true, true, false, false]);
    expect(takes[3]).toMatchObject({ reason: "limited", retryAfterMs: 59_999 });
    expect(noted[0]).toContain("limits.open_local limit/acme0001/key/requests/minute");
  });

  it("gives the isolate's tenth back like any other hold", async () => {
    const { limits } = limitsAt(await nowhere());
    const one = openRule({ max: 10 });
    const first = await limits.take(TENANT, [one], COST, NOW);
    expect((await limits.take(TENANT, [one], COST, NOW)).ok).toBe(false);
    if (first.ok) await limits.settle(endsOf(first.holds, NO_COST), NOW);
    expect((await limits.take(TENANT, [one], COST, NOW)).ok).toBe(true);
  });

  it("closes a request one of whose rules is closed, and refuses none for rules that watch", async () => {
    const { limits } = limitsAt(await nowhere());
    const mixed = [openRule(), rule({ id: "closed" })];
    expect(await limits.take(TENANT, mixed, COST, NOW)).toMatchObject(CLOSED);
    const watching = [rule({ mode: "shadow" })];
    expect((await limits.take(TENANT, watching, COST, NOW)).ok).toBe(true);
  });

  it("answers 503, not 400, where an amount is above the isolate's tenth alone", async () => {
    const { limits } = limitsAt(await nowhere());
    const tokens = openRule({ unit: "tokens", max: 900 });
    expect(await limits.take(TENANT, [tokens], COST, NOW)).toMatchObject(CLOSED);
  });

  it("is left alone for a second after three failures, then one call asks", async () => {
    let asked = 0;
    const url = await serve((request, response) => {
      asked += 1;
      json(500, '{"error":"ERR"}')(request, response);
    });
    const { limits, clock } = limitsAt(url);
    const take = () => limits.take(TENANT, [rule()], COST, NOW);
    for (let again = 0; again < 10; again += 1) await take();
    expect(asked).toBe(3);
    clock.time += 1_000;
    await Promise.all([take(), take(), take()]);
    expect(asked).toBe(4);
  });

  it("is not asked twice about a request whose answer was lost", async () => {
    let asked = 0;
    const url = await serve((request) => {
      asked += 1;
      request.socket.destroy();
    });
    await limitsAt(url).limits.take(TENANT, [rule()], COST, NOW);
    expect(asked).toBe(1);
  });
});
