/**
 * Decides: what `npm run failover` plays and prints: a scorecard for each recovery mode, and the exit code.
 * Never: softens a grade.
 */
import { readArguments, refuse } from "../scripts/arguments.ts";
import { measureAvailability } from "./availability.ts";
import { MODES, type Result, startLab } from "./lab.ts";
import type { Timing } from "./scenario.ts";
import { SCENARIOS } from "./scenarios.ts";

const TIMING: Timing = {
  pace: 15,
  slowFirstToken: 20_000,
  stall: 30_000,
  silence: 120_000,
  outage: 60_000,
  every: 4_000,
};

const USAGE = `npm run failover -- [--mode MODE] [--scenarios LIST] [--availability]

  --mode          ${MODES.join(" or ")}; both unless told otherwise
  --scenarios     of ${SCENARIOS.map(({ id }) => id).join(",")}
  --availability  asks 10,000 times of three targets that fail now and then, instead

Plays sixteen faults of a provider at true timings, and prints a scorecard: failover/README.md`;

const values = readArguments(USAGE, {
  mode: { type: "string" },
  scenarios: { type: "string" },
  availability: { type: "boolean", default: false },
});
const modes = MODES.filter((mode) => values.mode === undefined || values.mode === mode);
const wanted = values.scenarios?.split(",");
const scenarios = SCENARIOS.filter(({ id }) => wanted?.includes(id) ?? true);
if (modes.length === 0 || scenarios.length !== (wanted ?? SCENARIOS).length) refuse(USAGE);

const print = (result: Result): void => {
  const { id, grade, primary, fallback, seconds, fault, why } = result;
  console.log(
    [
      id,
      grade.padEnd(7),
      `primary ${String(primary).padStart(2)}`,
      `fallback ${String(fallback).padStart(2)}`,
      `${seconds.toFixed(1).padStart(5)} s`,
      why.length === 0 ? fault : `${fault}: ${why.join("; ")}`,
    ].join("  "),
  );
};

/** Three targets that fail now and then: 99.9 % of the requests have to be answered. */
const availability = async (): Promise<void> => {
  const { asked, answered, failures, tries, seconds } = await measureAvailability(10_000);
  const share = ((100 * answered) / asked).toFixed(2);
  const told = Object.entries(tries).map(([name, count]) => `${name} ${count}`);
  console.log(`tries: ${told.join(", ")}; ${seconds.toFixed(1)} s`);
  for (const [name, count] of Object.entries(failures)) console.log(`${count} times ${name}`);
  console.log(`${answered} of ${asked} answered (${share} %; bar 99.9 %)`);
  if (answered < 0.999 * asked) process.exitCode = 1;
};

const scorecards = async (): Promise<void> => {
  const lab = await startLab({ scenarios, timing: TIMING, clocked: true });
  try {
    const results = await Promise.all(
      modes.flatMap((mode) => scenarios.map((scenario) => lab.play(scenario, mode))),
    );
    for (const mode of modes) {
      const own = results.filter((result) => result.mode === mode);
      const passed = own.filter(({ grade }) => grade === "pass").length;
      console.log(`\nrecovery: ${mode}`);
      for (const result of own) print(result);
      console.log(`${passed} of ${scenarios.length} passed`);
      if (passed < scenarios.length) process.exitCode = 1;
    }
  } finally {
    await lab.dispose();
  }
};

await (values.availability ? availability() : scorecards());
