/**
 * Decides: what `npm run storm` plays and prints: what was asked, expected and measured; exit code 1 where a
 * guarantee did not hold.
 * Never: goes on for more than some minutes, nor leaves a process behind.
 */
import { readArguments, refuse } from "../scripts/arguments.ts";
import { LEVELS } from "./account.ts";
import { balancedDollars, hundredTokens, strictDollars } from "./budgets.ts";
import { dropped } from "./disconnects.ts";
import { exactly, KINDS, type Kind, slotsExactly } from "./exact.ts";
import { type Finding, type Lab, startLab } from "./lab.ts";
import { overload } from "./overload.ts";
import { revoked, WAYS, type Way } from "./revocation.ts";

/** A maximum below the number of callers; of the large one isolates are given blocks. */
const MAX = 50;
const LARGE_MAX = 1_500;

async function* exact(lab: Lab): AsyncGenerator<Finding> {
  const kinds = Object.keys(KINDS) as Kind[];
  for (const level of LEVELS) {
    for (const kind of kinds) yield exactly(lab, level, kind, MAX, lab.width, false);
    yield slotsExactly(lab, level, MAX, lab.width, false);
  }
}

async function* blocks(lab: Lab): AsyncGenerator<Finding> {
  for (const kind of Object.keys(KINDS) as Kind[]) {
    yield exactly(lab, "key", kind, MAX, lab.width, true);
  }
  yield exactly(lab, "key", "requests a day", LARGE_MAX, LARGE_MAX + lab.width, true);
  yield slotsExactly(lab, "key", MAX, lab.width, true);
}

const PARTS: Readonly<Record<string, (lab: Lab) => AsyncGenerator<Finding>>> = {
  exact,
  blocks,
  async *budgets(lab) {
    yield hundredTokens(lab);
    yield strictDollars(lab, 0.1);
    yield balancedDollars(lab, 0.2);
  },
  async *revoked(lab) {
    for (const way of Object.keys(WAYS) as Way[]) yield revoked(lab, way);
  },
  async *dropped(lab) {
    yield* await dropped(lab, 40);
  },
  async *overload(lab) {
    yield* await overload(lab);
  },
};

const USAGE = `npm run storm -- [--only LIST] [--callers 200]

  --only     of ${Object.keys(PARTS).join(",")}; all unless told otherwise
  --callers  how many race, more than ${MAX}

Sets callers on every kind of limit, and says which guarantees held: storm/README.md`;

const values = readArguments(USAGE, {
  only: { type: "string" },
  callers: { type: "string", default: "200" },
});
const callers = Number(values.callers);
const wanted = values.only?.split(",") ?? Object.keys(PARTS);
if (!(callers > MAX) || wanted.some((part) => PARTS[part] === undefined)) refuse(USAGE);

const print = ({ what, expected, measured, ok }: Finding): void => {
  const verdict = ok === undefined ? "told" : ok ? "ok" : "FAILED";
  console.log(`${verdict.padEnd(6)}  ${what}\n        expected ${expected}: ${measured}`);
};

const lab = await startLab(callers);
try {
  const findings: Finding[] = [];
  for (const part of wanted) {
    for await (const finding of PARTS[part]?.(lab) ?? []) {
      findings.push(finding);
      print(finding);
    }
  }
  const failed = findings.filter(({ ok }) => ok === false).length;
  console.log(`\n${findings.length - failed} of ${findings.length} as they have to be`);
  if (failed > 0) process.exitCode = 1;
} finally {
  await lab.dispose();
}
