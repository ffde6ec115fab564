import { expect, it } from "vitest";
import { pause } from "../../src/pipeline/pause.ts";
import { createTestClock } from "../support/clock.ts";

// Who had left while the account was asked kept his slot for as long as he would have had to wait for his turn.
it.each([
  ["before it begins", (caller: AbortController) => caller.abort(), () => {}],
  ["while it lasts", () => {}, (caller: AbortController) => caller.abort()],
] as const)("a pause is over at once for a caller who leaves %s", async (_, before, after) => {
  const clock = createTestClock();
  const caller = new AbortController();
  let isOver = false;
  before(caller);
  void pause(clock, 1_000, caller.signal).then(() => {
    isOver = true;
  });
  after(caller);
  await clock.advance(1);
  expect(isOver).toBe(true);
});

it("a pause lasts as long as it is to last", async () => {
  const clock = createTestClock();
  let isOver = false;
  void pause(clock, 1_000, new AbortController().signal).then(() => {
    isOver = true;
  });
  await clock.advance(999);
  expect(isOver).toBe(false);
  await clock.advance(1);
  expect(isOver).toBe(true);
});
