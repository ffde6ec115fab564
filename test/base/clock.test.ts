import { expect, it } from "vitest";
import { sleep, within } from "../../src/base/clock.ts";
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

it.each([
  ["says", async () => 1, 1],
  ["says too late", () => sleep(createTestClock(), 1).then(() => 1), undefined],
  ["fails at", () => Promise.reject(new Error("no")), undefined],
  [
    "throws at",
    () => {
      throw new Error("no");
    },
    undefined,
  ],
])("gives what somebody %s in time, or nothing", async (_, ask: () => Promise<number>, said) => {
  const clock = createTestClock();
  const answer = within(clock, 10, ask);
  await clock.advance(10);
  expect(await answer).toBe(said);
});
