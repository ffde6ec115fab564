import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Lab, MODES, type Result, startLab } from "../../failover/lab.ts";
import type { Timing } from "../../failover/scenario.ts";
import { SCENARIOS } from "../../failover/scenarios.ts";

// A twentieth of what `npm run failover` plays; the outage less, since a breaker's news takes a second.
const TIMING: Timing = {
  pace: 3,
  slowFirstToken: 1_000,
  stall: 1_500,
  silence: 6_000,
  outage: 9_000,
  every: 600,
};
const RESILIENCE = {
  timeouts: { headers_ms: 500, first_token_ms: 600, idle_ms: 1_000 },
  breaker: { open_ms: 2_250, max_open_ms: 45_000 },
};

let lab: Lab;
let results: readonly Result[];
beforeAll(async () => {
  lab = await startLab({
    scenarios: SCENARIOS,
    timing: TIMING,
    resilience: RESILIENCE,
    clocked: false,
  });
  results = await Promise.all(
    MODES.flatMap((mode) => SCENARIOS.map((scenario) => lab.play(scenario, mode))),
  );
});
afterAll(() => lab?.dispose());

describe.each(MODES)("with recovery %s", (mode) => {
  it.each(SCENARIOS)("$id passes: $fault", ({ id }) => {
    const played = results.find((result) => result.id === id && result.mode === mode);
    expect(played).toMatchObject({ grade: "pass", why: [] });
  });
});
