import { afterEach, describe, expect, it, vi } from "vitest";
import type { Snapshot } from "../../src/domain/config/snapshot.ts";
import { statusRoutes } from "../../src/http/status.ts";
import { errorOf, testDoor } from "./door.ts";

describe("status", () => {
  afterEach(() => vi.restoreAllMocks());

  it("is healthy whatever is missing", async () => {
    const door = testDoor({ routes: statusRoutes, missingRoots: ["MASTER_KEY"] });
    const response = await door.call("/healthz", { headers: {} });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ status: "ok" });
  });

  it("is ready with a configuration", async () => {
    const snapshot = { version: 7 } as Snapshot;
    const door = testDoor({ routes: statusRoutes, snapshot: () => snapshot });
    const response = await door.call("/readyz", { headers: {} });
    expect(await response.json()).toEqual({ status: "ready", config_version: 7 });
  });

  it("is not ready without one, and says so without the reason", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const door = testDoor({ routes: statusRoutes });
    const response = await door.call("/readyz", { headers: {} });
    expect(response.headers.has("retry-after")).toBe(true);
    expect(await errorOf(response)).toEqual({
      status: 503,
      code: "misconfigured",
      param: "config",
    });
  });
});
