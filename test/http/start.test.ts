import { expect, it, vi } from "vitest";
import type * as Zod from "zod";

const { built } = vi.hoisted(() => ({ built: [] as string[] }));

// What other schemas are made of; one that is only a string costs little.
vi.mock("zod", async (original) => {
  const z = await original<typeof Zod>();
  const { strictObject, record, array, union, enum: oneOf } = z;
  const counted = Object.entries({ strictObject, record, array, union, enum: oneOf }).map(
    ([name, make]) => {
      const noted = (...of: unknown[]): unknown => {
        built.push(name);
        return Reflect.apply(make, z, of);
      };
      return [name, noted] as const;
    },
  );
  return { ...z, ...Object.fromEntries(counted) };
});

// Half of what a start cost went into schemas that no request of the data plane needs.
it("builds no schema before one is needed, not even when the admin plane is loaded", async () => {
  const { ADMIN_ROUTES } = await import("../../src/http/admin/routes.ts");
  expect(ADMIN_ROUTES.length).toBeGreaterThan(0);
  expect(built).toEqual([]);
  const { ConfigSchema } = await import("../../src/domain/config/schema.ts");
  expect(ConfigSchema.safeParse({ providers: {}, models: {} }).success).toBe(true);
  expect(built).toContain("strictObject");
});
