import { beforeAll, describe, expect, it } from "vitest";
import { MODES, type Mode, type Result, startLab } from "../../failover/lab.ts";
import type { Timing } from "../../failover/scenario.ts";
import { SCENARIOS } from "../../failover/scenarios.ts";

// A small part of what `npm run failover` plays; the outage a longer one, since a breaker's news takes a second.
const TIMING: Timing = {
  pace: 3,
  slowFirstToken: 4_000,
  stall: 6_000,
  silence: 9_000,
  outage: 9_000,
  every: 600,
};
const RESILIENCE = {
  timeouts: { headers_ms: 1_500, first_token_ms: 1_500, idle_ms: 2_500 },
  breaker: { open_ms: 2_250, max_open_ms: 45_000 },
};

const nameOf = (id: string, mode: Mode): string => `${id} ${mode}`;
const results = new Map<string, Result>();

/** Plays, all at once and in a laboratory of their own, those that have not passed yet. */
const playOpen = async (): Promise<void> => {
  const open = MODES.flatMap((mode) =>
    SCENARIOS.filter(({ id }) => results.get(nameOf(id, mode))?.grade !== "pass").map(
      (scenario) => ({ scenario, mode }),
    ),
  );
  if (open.length === 0) return;
  const lab = await startLab({
    scenarios: SCENARIOS,
    timing: TIMING,
    resilience: RESILIENCE,
    clocked: false,
  });
  const played = await Promise.all(open.map(({ scenario, mode }) => lab.play(scenario, mode)));
  for (const result of played) results.set(nameOf(result.id, result.mode), result);
  await lab.dispose();
};

beforeAll(async () => {
  await playOpen();
  // Half a second is soon over on a machine that is busy otherwise: what that made late is played once more.
  await playOpen();
});

describe.each(MODES)("with recovery %s", (mode) => {
  it.each(SCENARIOS)("$id passes: $fault", ({ id }) => {
    expect(results.get(nameOf(id, mode))).toMatchObject({ grade: "pass", why: [] });
  });
});
