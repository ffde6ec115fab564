/**
 * Decides: what `npm test` runs, and the one line it ends with.
 * Never: stops at the first failure: every part runs, and the last line counts them all.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asksForHelp } from "./arguments.ts";

const PROJECTS = ["plain", "workerd", "e2e"] as const;

/** The part of Vitest's JSON report that is added up. */
type Report = {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
};

type Tally = { passed: number; failed: number; skipped: number };

const run = (command: string, args: readonly string[]): boolean => {
  console.log(`\n> ${command} ${args.join(" ")}`);
  return spawnSync(command, args, { stdio: "inherit" }).status === 0;
};

/** A project that crashed, or whose files failed outside a test, counts as at least one failure. */
const project = (name: string, folder: string, tally: Tally): void => {
  const file = join(folder, `${name}.json`);
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
  const clean = run("vitest", ["run", "--project", name, ...reporters]);
  const report = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Report) : undefined;
  tally.passed += report?.numPassedTests ?? 0;
  tally.skipped += (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0);
  tally.failed += Math.max(report?.numFailedTests ?? 0, clean ? 0 : 1);
};

if (asksForHelp(process.argv.slice(2))) {
  console.log(
    "npm test runs everything. A part: npx vitest run --project plain|workerd|e2e test/ROOM",
  );
  process.exit(0);
}
const folder = mkdtempSync(join(tmpdir(), "headgate-test-"));
const tally: Tally = { passed: 0, failed: 0, skipped: 0 };

// Lint and types are one check each run: they pass or fail as a whole.
if (run("npm", ["run", "--silent", "check"])) tally.passed += 1;
else tally.failed += 1;
for (const name of PROJECTS) project(name, folder, tally);
rmSync(folder, { recursive: true, force: true });

const skipped = tally.skipped > 0 ? `, ${tally.skipped} skipped` : "";
console.log(`\n${tally.passed} passed, ${tally.failed} failed${skipped}`);
process.exitCode = tally.failed === 0 ? 0 : 1;
