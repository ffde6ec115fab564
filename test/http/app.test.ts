import { expect, it } from "vitest";
import { createApp } from "../../src/http/app.ts";
import type { Gate, Stores } from "../../src/platform/stores.ts";
import type { Deps } from "../../src/ports.ts";

const appOf = (before: (load: number) => Promise<void> = async () => {}) => {
  const seen = { loads: 0 };
  const refused = { ok: false, error: "unknown" };
  const gate = { admins: { verifyAdmin: async () => refused } } as unknown as Gate;
  const loadStores = async (): Promise<Stores> => {
    seen.loads += 1;
    await before(seen.loads);
    return { ...gate, settings: { read: async () => ({}) } } as unknown as Stores;
  };
  const deps = { clock: { now: () => 0 }, random: () => 0 } as unknown as Deps;
  const app = createApp(deps, { gate, loadStores }, { missingRoots: [], allowedHosts: undefined });
  const status = async (path: string, method = "GET"): Promise<number> => {
    const headers = { authorization: "Bearer token" };
    const request = new Request(`https://gateway.test${path}`, { method, headers });
    return (await app.fetch(request)).status;
  };
  return { seen, status };
};

it("loads the admin plane with the first request for it", async () => {
  const { seen, status } = appOf();
  expect(await status("/admin/v1/config")).toBe(401);
  const paths = ["/config.schema.json", "/admin/v1/keys", "/admin/nothing"];
  expect(await Promise.all(paths.map((path) => status(path)))).toEqual([200, 401, 404]);
  expect(await status("/config.schema.json", "POST")).toBe(405);
  expect(seen.loads).toBe(1);
});

// What the first request had begun to load was waited for by all others, also when it had failed, or would never end.
it.each([
  ["failed", () => Promise.reject(new Error("not now"))],
  ["never ends", () => new Promise<void>(() => {})],
])("loads it again where a load %s", async (_, first) => {
  const { seen, status } = appOf((load) => (load === 1 ? first() : Promise.resolve()));
  void status("/admin/v1/config").catch(() => {});
  expect(await status("/config.schema.json")).toBe(200);
  expect(await status("/admin/v1/keys")).toBe(401);
  expect(seen.loads).toBe(2);
});

it.each([
  ["/healthz", 200],
  ["/", 404],
  ["/admin", 404],
  ["/administer", 404],
  ["/config.schema.jsonl", 404],
  ["/%61dmin/v1/config", 404],
  ["/v1/admin/v1/config", 404],
])("answers %s with %i without the admin plane", async (path, expected) => {
  const { seen, status } = appOf();
  expect(await status(path)).toBe(expected);
  expect(seen.loads).toBe(0);
});
