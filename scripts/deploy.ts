/**
 * Decides: the order of a deployment: the Worker is built, the database's migrations, then the Worker.
 * Never: makes or sends a secret; it says which ones have to be put, and how. Nor migrates for a mistyped argument.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildWorker } from "./build.ts";
import { seedProblems } from "./seed-config.ts";

const args = process.argv.slice(2);
/** Those of wrangler's arguments that matter here; all are handed on to `wrangler deploy`. */
const { values } = parseArgs({
  args,
  strict: false,
  options: {
    "dry-run": { type: "boolean" },
    dryRun: { type: "boolean" },
    help: { type: "boolean", short: "h" },
    version: { type: "boolean", short: "v" },
    env: { type: "string", short: "e" },
    config: { type: "string", short: "c" },
  },
});
const where = (["env", "config"] as const).flatMap((name) => {
  const value = values[name];
  return typeof value === "string" ? [`--${name}`, value] : [];
});

/** Wrangler takes `--dry-run=true` and `--dryRun` for the same. */
const isSet = (name: "dry-run" | "dryRun" | "help" | "version"): boolean => {
  const value: unknown = values[name];
  return value !== undefined && value !== false && value !== "false";
};
const isRehearsal = isSet("dry-run") || isSet("dryRun");

const PROJECT = join(import.meta.dirname, "..");
const bin = join(PROJECT, "node_modules/wrangler/bin/wrangler.js");

type Ran = { readonly code: number; readonly printed: string };

/** Runs wrangler; its faults are shown, and given back together with its exit code. */
const wrangler = (command: readonly string[], stdout: "inherit" | "ignore"): Promise<Ran> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [bin, ...command], {
      stdio: ["inherit", stdout, "pipe"],
      env: { ...process.env, WRANGLER_SEND_METRICS: "false" },
    });
    let printed = "";
    child.stderr.on("data", (chunk) => {
      process.stderr.write(chunk);
      printed += String(chunk);
    });
    child.once("close", (code) => resolve({ code: code ?? 1, printed }));
  });

const problems = seedProblems(PROJECT);
if (problems !== undefined) {
  console.error(problems);
  process.exit(1);
}
const folder = mkdtempSync(join(tmpdir(), "headgate-deploy-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
await buildWorker(folder);

const migrate = () =>
  wrangler(["d1", "migrations", "apply", "headgate", "--remote", ...where], "inherit");
/** Wrangler would look for its configuration beside what was built. */
const config = values.config === undefined ? ["--config", join(PROJECT, "wrangler.toml")] : [];
const built = [join(folder, "index.js"), ...config, "--no-bundle", "--no-minify"];
const deploy = () => wrangler(["deploy", ...built, ...args], "inherit");
const rehearse = () => wrangler(["deploy", ...built, ...args, "--dry-run"], "ignore");

const stopIf = ({ code }: Ran): void => {
  if (code !== 0) process.exit(code);
};

if (isSet("help") || isSet("version")) process.exit((await deploy()).code);

const AFTERWARDS = `
KV, D1, R2 and queues are provisioned by the deployment itself (R2 has to be switched on once in the
dashboard). Not so the secrets; put each of them once:

  npx wrangler secret put ADMIN_TOKEN        (what you sign in with: long, random, keep a copy)
  openssl rand -base64 32 | npx wrangler secret put KEY_PEPPER
  openssl rand -base64 32 | npx wrangler secret put MASTER_KEY

and the provider keys that your configuration refers to, by their names there:

  npx wrangler secret put OPENAI_API_KEY

The dead-letter queue is made with the others because the Worker names it among its producers. Where a
deployment says that it does not exist:

  npx wrangler queues create headgate-usage-dlq

A Vectorize index, for semantic caches that are configured for one, has to be made by hand (docs/OPERATING.md).

Until the first three are there, every request but /healthz is answered with 503 and their names.
A new MASTER_KEY makes every API key invalid. So does a new KEY_PEPPER, unless the one before it is
put as KEY_PEPPER_PREVIOUS.
`;

if (isRehearsal) {
  stopIf(await deploy());
} else {
  stopIf(await rehearse());
  const first = await migrate();
  const noDatabase = first.printed.includes("Couldn't find a D1 DB");
  if (!noDatabase) stopIf(first);
  stopIf(await deploy());
  // The first deployment makes the database, so that its tables can only follow.
  if (noDatabase) stopIf(await migrate());
}
console.log(AFTERWARDS);
