import { expect, it } from "vitest";
import { sleep } from "../../src/base/clock.ts";
import { createTestClock } from "../support/clock.ts";

it("sleeps for as long as it is told, and no longer", async () => {
  const clock = createTestClock();
  let isAwake = false;
  void sleep(clock, 50).then(() => {
    isAwake = true;
  });
  await clock.advance(49);
  expect(isAwake).toBe(false);
  await clock.advance(1);
  expect(isAwake).toBe(true);
});
