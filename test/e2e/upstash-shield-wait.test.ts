import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { Secret } from "../../src/base/secret.ts";
import { createShield, networkOf, type Shield } from "../../src/platform/shield.ts";
import { createUpstash } from "../../src/platform/upstash-client.ts";
import { describeWithRedis, type Redis, startRedis } from "../support/redis.ts";
import { startUpstashShim, type UpstashShim } from "../support/upstash-shim.ts";

const LIMIT = 12;
/** The beginning of a minute. */
const START = 1_800_000_000_000;

describeWithRedis("the wait that the edge shield asks for", () => {
  let redis: Redis;
  let shim: UpstashShim;
  beforeAll(async () => {
    redis = await startRedis();
    shim = await startUpstashShim(redis.socket);
  });
  afterAll(async () => {
    await shim?.dispose();
    await redis?.dispose();
  });
  afterEach(() => vi.useRealTimers());

  const isolate = (): Shield => {
    const clock = {
      now: () => Date.now(),
      after: (ms: number, run: () => void) => {
        const timer = setTimeout(run, ms);
        return () => clearTimeout(timer);
      },
    };
    return createShield({
      redis: createUpstash({
        access: { url: shim.url, token: new Secret(shim.token) },
        clock,
        timeoutMs: 10_000,
        allowPrivate: true,
      }),
      perMinute: LIMIT,
      genuine: () => Promise.resolve(true),
      clock,
      incidents: { note: (action, target) => expect.fail(`${action} ${target}`) },
    });
  };

  it.each([0, 1, 17_250, 59_999])(
    "is long enough for a lone client, %d ms into a minute",
    async (into) => {
      vi.useFakeTimers({ toFake: ["Date"], now: START + into });
      const address = `192.0.2.${into % 251}`;
      const shield = isolate();
      for (let at = 0; at < LIMIT; at += 1) {
        expect(await shield.check(address, undefined)).toBeUndefined();
      }
      const wait = await shield.check(address, undefined);
      expect(wait).toBeGreaterThanOrEqual(1);
      expect(wait).toBeLessThanOrEqual(60_001);
      // Another isolate, which has not been told of the block, refuses too.
      expect(await isolate().check(address, undefined)).toBe(wait);
      vi.setSystemTime(START + into + (wait ?? 0));
      expect(await shield.check(address, undefined)).toBeUndefined();
    },
  );

  it("slides: right after a minute full to the brim there is room for one, not for another minute's worth", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: START + 200_000 });
    const shield = isolate();
    for (let at = 0; at < LIMIT; at += 1) await shield.check("192.0.2.252", undefined);
    vi.setSystemTime(START + 241_000);
    expect(await shield.check("192.0.2.252", undefined)).toBeUndefined();
    expect(await shield.check("192.0.2.252", undefined)).toBeGreaterThan(0);
  });
});

describe("the address that a client is counted by", () => {
  it.each([
    [undefined, "local"],
    ["192.0.2.7", "192.0.2.7"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:0DB8:0001:0002::9", "2001:db8:1:2::/64"],
    ["2001:db8::9", "2001:db8:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["fe80::", "fe80:0:0:0::/64"],
  ])("of %s is %s", (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});
