import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { PROJECT } from "../support/bundle.ts";

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "headgate-nobody-"));
});
afterAll(() => rm(home, { recursive: true, force: true }));

type Ended = { readonly code: number; readonly printed: string };

/** As somebody who is signed in nowhere: whatever goes to Cloudflare ends with the question for a token. */
const deploy = (argument: string): Promise<Ended> =>
  new Promise((resolve) => {
    const env = { PATH: process.env["PATH"], HOME: home, XDG_CONFIG_HOME: home, CI: "1" };
    const command = [join(PROJECT, "scripts/deploy.ts"), argument];
    execFile(process.execPath, command, { cwd: PROJECT, env }, (error, stdout, stderr) => {
      const code = typeof error?.code === "number" ? error.code : 0;
      resolve({ code, printed: stdout + stderr });
    });
  });

// Most of them went to the database in use first: a rehearsal, a question for help, a slip of the finger.
it.each([
  ["--dry-run", 0, "--dry-run: exiting now."],
  ["--dry-run=true", 0, "--dry-run: exiting now."],
  ["--dryRun", 0, "--dry-run: exiting now."],
  ["--help", 0, "wrangler deploy [path]"],
  ["--fooo", 1, "Unknown argument: fooo"],
])("npm run deploy -- %s touches no database", async (argument, code, says) => {
  const ended = await deploy(argument);
  expect(ended.printed).toContain(says);
  expect(ended.printed).not.toContain("CLOUDFLARE_API_TOKEN");
  expect(ended.code).toBe(code);
});
