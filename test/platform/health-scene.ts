/**
 * Decides: nothing: isolates round one target, a clock that a test turns, and calls in a word each.
 */
import type { Target } from "../../src/domain/target.ts";
import type { AttemptOutcome, Health, Pass } from "../../src/ports.ts";
import { createWorld, targetNamed } from "../support/target-world.ts";
import { createVirtualTime } from "../support/virtual-time.ts";

export const scene = (more: Partial<Target> = {}) => {
  const time = createVirtualTime();
  const world = createWorld(time, 5);
  const target = targetNamed("m", more);
  const enter = async (
    health: Health,
    tokens = 0,
    org = "acme",
    repeat = false,
  ): Promise<Pass | undefined> => {
    const leave = health.admit(target, org, { requests: 1, tokens, repeat });
    if (!(leave instanceof Promise)) return leave;
    let pass: Pass | undefined;
    let over = false;
    void leave.then((found) => {
      pass = found;
      over = true;
    });
    while (!over) await time.play(10);
    return pass;
  };
  const report = (
    health: Health,
    pass: Pass | undefined,
    kind: AttemptOutcome["kind"],
    known: Partial<AttemptOutcome> = {},
  ): void => {
    if (pass === undefined) throw new Error("it was not admitted");
    const nothing = { firstTokenMs: undefined, totalMs: undefined, until: undefined };
    health.report(target, pass, { ...nothing, kind, ...known });
  };
  return {
    time,
    world,
    target,
    enter,
    report,
    /** A whole call; false where it was not let in. */
    call: async (
      health: Health,
      kind: AttemptOutcome["kind"],
      known: Partial<AttemptOutcome> = {},
    ): Promise<boolean> => {
      const pass = await enter(health);
      if (pass !== undefined) report(health, pass, kind, known);
      return pass !== undefined;
    },
    fail: async (health: Health, times: number): Promise<void> => {
      for (let time = 0; time < times; time += 1) report(health, await enter(health), "fail");
    },
    stateIn: (health: Health) => health.view(target)?.state,
  };
};
