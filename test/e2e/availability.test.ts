import { expect, it } from "vitest";
import { measureAvailability } from "../../failover/availability.ts";

it("99.9 % of 10,000 requests are answered by targets that fail 1, 3 and 5 % of the time", async () => {
  const { asked, answered, tries } = await measureAvailability(10_000);
  expect(answered).toBeGreaterThanOrEqual(0.999 * asked);
  // The targets did fail: some requests took more than one try, and some went elsewhere.
  const all = Object.values(tries).reduce((sum, count) => sum + count, 0);
  expect(all).toBeGreaterThan(1.03 * asked);
  expect(tries["second"]).toBeGreaterThan(0);
});
