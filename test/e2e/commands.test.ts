import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";
import { PROJECT } from "../support/bundle.ts";

const run = (command: string, argument: string, data = "") =>
  spawnSync(process.execPath, [join(PROJECT, command, "run.ts"), argument], {
    encoding: "utf8",
    env: { ...process.env, HEADGATE_DATA: data },
  });

// All but one threw, with a stack.
it.each(["bench", "crash", "eval", "failover", "storm"])(
  "npm run %s says what it does not know, and what there is",
  (command) => {
    const { status, stderr } = run(command, "--nonsense");
    expect(status).toBe(2);
    expect(stderr).toMatch(/--nonsense/);
    expect(stderr).toContain(`\n\nnpm run ${command} -- `);
  },
  60_000,
);

it("a command tells its arguments for --help", () => {
  const { status, stdout } = run("crash", "--help");
  expect(status).toBe(0);
  expect(stdout).toMatch(/^npm run crash -- /);
}, 60_000);

it("npm run eval says where it looks for data that are not there", () => {
  const { status, stderr } = run("eval", "prices", "/nowhere");
  expect(status).toBe(2);
  expect(stderr).toMatch(/^There is no data in \/nowhere: HEADGATE_DATA names its folder\./);
}, 60_000);
