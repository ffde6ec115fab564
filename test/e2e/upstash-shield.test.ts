import { Redis as OfficialClient } from "@upstash/redis";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { type LoopbackServer, serveLoopback } from "../support/loopback-server.ts";
import { describeWithRedis, type Redis, startRedis } from "../support/redis.ts";
import { startUpstashShim, type UpstashShim } from "../support/upstash-shim.ts";

const LIMIT = 20;
const SHIELDED = {
  UPSTASH_REDIS_REST_TOKEN: "shim-token",
  EDGE_LIMIT_PER_MINUTE: String(LIMIT),
};
const FROM = "cf-connecting-ip";

type Asked = { readonly path?: string; readonly key?: string; readonly ip?: string };

const ask = (gateway: Gateway, { path = "/v1/models", key, ip = "192.0.2.1" }: Asked) =>
  fetch(`${gateway.url}${path}`, {
    method: path === "/v1/messages" ? "POST" : "GET",
    headers: { [FROM]: ip, ...(key !== undefined && { authorization: `Bearer ${key}` }) },
  });

const statuses = async (count: number, one: (at: number) => Promise<Response>) => {
  const found: number[] = [];
  for (let at = 0; at < count; at += 1) {
    const response = await one(at);
    await response.text();
    found.push(response.status);
  }
  return found;
};
/** The first answer that is a refusal. */
const flooded = async (gateway: Gateway, asked: Asked): Promise<Response> => {
  for (let tries = 0; tries < 3 * LIMIT; tries += 1) {
    const response = await ask(gateway, asked);
    if (response.status === 429) return response;
    await response.text();
  }
  throw new Error("nothing was refused");
};
const limited = (found: readonly number[]): number => found.filter((each) => each === 429).length;

describeWithRedis("the edge shield", () => {
  let redis: Redis;
  let shim: UpstashShim;
  let gateway: Gateway;
  let key: string;
  let otherKey: string;

  beforeAll(async () => {
    redis = await startRedis();
    shim = await startUpstashShim(redis.socket);
    gateway = await startGateway({ secrets: { ...SHIELDED, UPSTASH_REDIS_REST_URL: shim.url } });
    await gateway.putConfig({ providers: {}, models: {} });
    await gateway.makeOrg("acme");
    key = await gateway.makeKey("acme");
    otherKey = await gateway.makeKey("acme");
  });
  afterAll(async () => {
    await gateway?.dispose();
    await shim?.dispose();
    await redis?.dispose();
  });

  it("lets one address with one key through as often as its limit says, and no other is held up", async () => {
    const mine = { key, ip: "192.0.2.10" };
    const answers = await Promise.all(Array.from({ length: 60 }, () => ask(gateway, mine)));
    const passed = answers.filter(({ status }) => status === 200);
    // A minute may turn while they run; a sliding window then lets a few more of them pass.
    expect(passed.length).toBeGreaterThanOrEqual(LIMIT);
    expect(passed.length).toBeLessThan(2 * LIMIT);
    expect((await ask(gateway, { ...mine, ip: "192.0.2.11" })).status).toBe(200);
    expect((await ask(gateway, { ...mine, key: otherKey })).status).toBe(200);
  });

  it("counts keys that are not ours together, however many are made up", async () => {
    const found = await statuses(2 * LIMIT + 1, (at) =>
      ask(gateway, {
        ip: "192.0.2.20",
        key: `hg_live_acme0001${String(at).padStart(8, "0")}${"A".repeat(32)}_AAAAAAAA`,
      }),
    );
    expect(found.slice(0, LIMIT)).toEqual(Array<number>(LIMIT).fill(401));
    expect(limited(found)).toBeGreaterThan(0);
  });

  it("counts the addresses of one IPv6 network together", async () => {
    const found = await statuses(2 * LIMIT + 1, (at) =>
      ask(gateway, { ip: `2001:db8:1:2::${(at + 1).toString(16)}` }),
    );
    expect(limited(found)).toBeGreaterThan(0);
    expect((await ask(gateway, { ip: "2001:db8:1:3::1" })).status).toBe(401);
  });

  it("refuses in the caller's dialect, with a wait that is true and within the window", async () => {
    const mine = { ip: "192.0.2.30", path: "/v1/messages" };
    const response = await flooded(gateway, mine);
    expect(await response.json()).toMatchObject({
      type: "error",
      error: { type: "rate_limit_error", code: "rate_limit_requests" },
      request_id: response.headers.get("x-request-id"),
    });
    const plain = await flooded(gateway, { ip: "192.0.2.30" });
    expect(await plain.json()).toMatchObject({
      error: { code: "rate_limit_requests", details: { level: "edge", limit: LIMIT } },
    });
    const wait = Number(response.headers.get("retry-after"));
    expect(wait).toBeGreaterThanOrEqual(1);
    expect(wait).toBeLessThanOrEqual(60);
  });

  it("asks Redis no more about an address that it knows to be blocked", async () => {
    const mine = { ip: "192.0.2.40" };
    await statuses(2 * LIMIT, () => ask(gateway, mine));
    const before = shim.commands();
    await statuses(30, () => ask(gateway, mine));
    // None, but for a minute that turns while they run: the block ends there.
    expect(shim.commands() - before).toBeLessThanOrEqual(LIMIT);
  });

  it("never stands before the gateway's health", async () => {
    const before = shim.commands();
    const found = await statuses(2 * LIMIT, (at) =>
      ask(gateway, { path: at % 2 === 0 ? "/healthz" : "/readyz", ip: "192.0.2.50" }),
    );
    expect(new Set(found)).toEqual(new Set([200]));
    expect(shim.commands()).toBe(before);
  });

  it("writes nothing of a secret into Redis, and nothing that stays", async () => {
    await ask(gateway, { key, ip: "192.0.2.60" });
    await ask(gateway, { key: gateway.adminToken, ip: "192.0.2.60" });
    const outside = new OfficialClient({ url: shim.url, token: shim.token });
    const names = await outside.keys("*");
    const prefix = key.slice(0, "hg_live_".length + 16);
    expect(names.some((name) => name.startsWith(`headgate:shield:192.0.2.60|${prefix}:`))).toBe(
      true,
    );
    expect(names.join()).not.toContain(key.slice(prefix.length, -9));
    expect(names.join()).not.toContain(gateway.adminToken);
    for (const name of names) expect(await outside.pttl(name)).toBeGreaterThan(0);
  });
});

describe("the edge shield without its Redis", () => {
  const servers: LoopbackServer[] = [];
  const gateways: Gateway[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.dispose();
    for (const gateway of gateways.splice(0)) await gateway.dispose();
  });

  const served = async (secrets: Record<string, string>): Promise<Gateway> => {
    const gateway = await startGateway({ secrets });
    gateways.push(gateway);
    await gateway.putConfig({ providers: {}, models: {} });
    return gateway;
  };

  it.each(["hangs", "answers 401", "refuses"])(
    "opens, on record once a minute, when it %s",
    async (how) => {
      const server = await serveLoopback((_request, response) => {
        if (how === "answers 401") response.writeHead(401).end('{"error":"WRONGPASS"}');
      });
      if (how === "refuses") await server.dispose();
      else servers.push(server);
      const gateway = await served({ ...SHIELDED, UPSTASH_REDIS_REST_URL: server.url });
      const found = await statuses(LIMIT + 10, () => ask(gateway, {}));
      expect(limited(found)).toBe(0);
      const database = await gateway.miniflare.getD1Database("DB");
      const rows = async () =>
        (
          await database
            .prepare("SELECT actor, action, target FROM audit WHERE action = 'shield.open'")
            .all<{ actor: string; target: string }>()
        ).results;
      await expect
        .poll(rows)
        .toEqual([
          { actor: "gateway", action: "shield.open", target: expect.stringMatching(/^upstash: /) },
        ]);
    },
  );

  it("is not there without a token, or with a limit of 0", async () => {
    const url = "http://127.0.0.1:9";
    const without = await served({ UPSTASH_REDIS_REST_URL: url, EDGE_LIMIT_PER_MINUTE: "1" });
    expect(limited(await statuses(3, () => ask(without, {})))).toBe(0);
    const off = await served({
      ...SHIELDED,
      UPSTASH_REDIS_REST_URL: url,
      EDGE_LIMIT_PER_MINUTE: "0",
    });
    expect(limited(await statuses(3, () => ask(off, {})))).toBe(0);
    const database = await off.miniflare.getD1Database("DB");
    const { results } = await database.prepare("SELECT 1 FROM audit WHERE actor = 'gateway'").all();
    expect(results).toEqual([]);
  });
});
