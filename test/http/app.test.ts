import { expect, it } from "vitest";
import { createApp } from "../../src/http/app.ts";
import type { Gate, Stores } from "../../src/platform/stores.ts";
import type { Deps } from "../../src/ports.ts";

const appOf = () => {
  const seen = { loads: 0 };
  const refused = { ok: false, error: "unknown" };
  const gate = { admins: { verifyAdmin: async () => refused } } as unknown as Gate;
  const loadStores = async (): Promise<Stores> => {
    seen.loads += 1;
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

it("loads the admin plane once, however many ask for it at the same time", async () => {
  const { seen, status } = appOf();
  const paths = ["/admin/v1/config", "/config.schema.json", "/admin/v1/keys", "/admin/nothing"];
  expect(await Promise.all(paths.map((path) => status(path)))).toEqual([401, 200, 401, 404]);
  expect(await status("/config.schema.json", "POST")).toBe(405);
  expect(seen.loads).toBe(1);
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
