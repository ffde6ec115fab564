/**
 * Decides: what `npm start` does: secrets, database, `wrangler dev`, and what a newcomer needs to know.
 * Never: needs a network or an account, and never leaves a process behind.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { get as getPlain } from "node:http";
import { get as getEncrypted } from "node:https";
import { createServer } from "node:net";
import { parseArgs } from "node:util";
import { asksForHelp } from "./arguments.ts";
import { seedProblems } from "./seed-config.ts";
import { localRoots } from "./start-secrets.ts";

/** What keeps wrangler from asking, telling, and looking for news. */
const QUIET = {
  WRANGLER_HIDE_BANNER: "true",
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_SEND_ERROR_REPORTS: "false",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
};
const env = { ...process.env, ...QUIET };
Object.assign(process.env, QUIET, { WRANGLER_LOG: "error" });

const USAGE = `Headgate ${process.env["npm_package_version"]}: npm start -- [--port 8787] [--ip 127.0.0.1] [--persist-to FOLDER]

Runs the whole gateway on this machine, and prints a key and a curl line.

  --port        where it listens; 0 for any port that is free
  --ip          on which address; 0.0.0.0 for all of this machine's
  --persist-to  where it keeps its data; .wrangler/state unless told otherwise

Secrets of the gateway and of providers stand in .dev.vars, which the first start makes.
Any other argument goes on to wrangler: npx wrangler dev --help`;

const args = process.argv.slice(2);
if (asksForHelp(args) || args.includes("--version")) {
  console.log(USAGE);
  process.exit(0);
}
/** Those of wrangler's arguments that matter here; all are handed on as they are, but for `--port 0`. */
const { values, tokens } = parseArgs({
  args,
  strict: false,
  tokens: true,
  options: {
    port: { type: "string" },
    ip: { type: "string" },
    "persist-to": { type: "string" },
    "local-protocol": { type: "string" },
  },
});
const text = (value: unknown): string | undefined =>
  typeof value === "string" ? value : undefined;
const wanted = Number(text(values["port"]) ?? 8787);
const ip = text(values["ip"]) ?? "127.0.0.1";

/** The port that is wanted, for 0 one that nobody listens on; the error's code where nobody can. */
const freePort = (): Promise<number | string | undefined> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error) => resolve("code" in error ? String(error.code) : error.message));
    server.listen(wanted, ip === "*" ? undefined : ip, () => {
      const address = server.address();
      const found = typeof address === "object" ? address?.port : undefined;
      server.close(() => resolve(found));
    });
  });

/** Without the port, where another than the one that they say was found. */
const handedOn = (): readonly string[] => {
  const said = tokens.find((token) => token.kind === "option" && token.name === "port");
  if (wanted !== 0 || said?.kind !== "option") return args;
  return args.toSpliced(said.index, said.inlineValue === true ? 1 : 2);
};

/** Whoever has signed its certificate: wrangler does it itself. */
const answers = (): Promise<boolean> =>
  new Promise((resolve) => {
    const get = isEncrypted ? getEncrypted : getPlain;
    get(`${url}/healthz`, { rejectUnauthorized: false }, (response) => {
      response.resume().once("close", () => resolve(true));
    }).once("error", () => resolve(false));
  });

const exitOf = (child: ChildProcess): Promise<number> =>
  new Promise((resolve) => {
    child.once("exit", (code) => resolve(code ?? 1));
  });

/** npm runs scripts in a shell that outlives it: whose parent is a shell was started by that one's parent. */
const starter = (): number => {
  const args = ["-o", "ppid=,comm=", "-p", String(process.ppid)];
  const { stdout } = spawnSync("ps", args, { encoding: "utf8" });
  const shell = /^\s*(\d+)\s+\S*sh\s*$/.exec(stdout ?? "");
  return Number(shell?.[1] ?? process.ppid);
};

const isGone = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ESRCH";
  }
};

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}

const roots = localRoots();
if (typeof roots === "string") fail(roots);
if (!Number.isInteger(wanted) || wanted < 0 || wanted > 65_535) {
  fail("A port is a number from 1 to 65535, or 0 for any that is free: npm start -- --port 9000");
}
const problems = seedProblems(".");
if (problems !== undefined) fail(problems);
const port = await freePort();
if (port === "EADDRINUSE") {
  fail(
    `Port ${wanted} is in use. Stop what listens there, or choose another: npm start -- --port 9000`,
  );
}
if (typeof port !== "number") {
  fail(
    `Nobody can listen on port ${wanted} of ${ip} here (${port}). Choose another --port or --ip.`,
  );
}
const named = ip.includes(":") ? `[${ip}]` : ip;
const isEncrypted = values["local-protocol"] === "https";
const url = `${isEncrypted ? "https" : "http"}://${["0.0.0.0", "::", "*"].includes(ip) ? "127.0.0.1" : named}:${port}`;

// Imported late: wrangler takes a second to load, and the checks above should not wait for it.
const { prepare } = await import("./start-database.ts");
const key = await prepare(text(values["persist-to"]), roots);

const wrangler = new URL("../node_modules/wrangler/bin/wrangler.js", import.meta.url).pathname;
const defaults = [
  ...(values["port"] === undefined || wanted === 0 ? ["--port", String(port)] : []),
  ...(values["ip"] === undefined ? ["--ip", ip] : []),
  ...["--var", "ALLOW_PRIVATE_UPSTREAMS:true", "--show-interactive-dev-session=false"],
  // Else wrangler prints a curl line of its own, for the hourly job, before ours.
  "--test-scheduled",
];
const child = spawn(process.execPath, [wrangler, "dev", ...handedOn(), ...defaults], {
  stdio: ["ignore", "inherit", "inherit"],
  env,
});
const exited = exitOf(child);
let stopping = false;
const stop = (signal: NodeJS.Signals): void => {
  stopping = true;
  child.kill(signal);
};
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
// npm does not pass on every signal that ends it: an orphan would keep the port.
const parent = process.ppid;
const watched = starter();
setInterval(() => {
  if (process.ppid !== parent || isGone(watched)) stop("SIGTERM");
}, 500).unref();
exited.then((code) => process.exit(stopping ? 0 : code));

while (!(await answers())) await new Promise((resolve) => setTimeout(resolve, 100));

const question = JSON.stringify({ model: "demo", messages: [{ role: "user", content: "Hello" }] });
console.log(`
URL: ${url}
API key: ${key}
Admin token: see .dev.vars

curl ${isEncrypted ? "-k " : ""}${url}/v1/chat/completions -H 'authorization: Bearer ${key}' -H 'content-type: application/json' -d '${question}'
`);
