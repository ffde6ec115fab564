import { expect, it, vi } from "vitest";
import type * as Zod from "zod";

const { strictObject } = vi.hoisted(() => ({ strictObject: { calls: 0 } }));

vi.mock("zod", async (original) => {
  const z = await original<typeof Zod>();
  const counted: typeof z.strictObject = (...args) => {
    strictObject.calls += 1;
    return z.strictObject(...args);
  };
  return { ...z, strictObject: counted };
});

// Half of what a start cost went into schemas that no request of the data plane needs.
it("builds no schema when the Worker starts", async () => {
  const { ROUTES } = await import("../../src/http/routes.ts");
  expect(ROUTES.length).toBeGreaterThan(0);
  expect(strictObject.calls).toBe(0);
  const { ConfigSchema } = await import("../../src/domain/config/schema.ts");
  expect(ConfigSchema.safeParse({ providers: {}, models: {} }).success).toBe(true);
  expect(strictObject.calls).toBeGreaterThan(0);
});
