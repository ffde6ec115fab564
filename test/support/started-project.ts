/**
 * Decides: how `npm start` is run as a newcomer runs it: in a fresh copy of the project, with nothing set up.
 * Never: touches the working copy's own `.dev.vars` or its local state.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { cp, mkdtemp, rm, symlink } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PROJECT } from "./bundle.ts";

const COPIED = ["src", "scripts", "package.json", "tsconfig.json", "wrangler.toml"];
const START_WITHIN_MS = 90_000;

export type Started = {
  /** Everything printed so far. */
  readonly output: () => string;
  /** What stands after `LABEL: ` on a line of its own. */
  readonly said: (label: string) => string;
  /** The line to paste. */
  readonly curl: string;
  stop(): Promise<void>;
  /** Kills npm itself and nothing that it has started. */
  kill(): void;
};

export const copyProject = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), "headgate-start-"));
  for (const name of [...COPIED, "headgate.config.json"]) {
    await cp(join(PROJECT, name), join(folder, name), { recursive: true });
  }
  await symlink(join(PROJECT, "node_modules"), join(folder, "node_modules"));
  return folder;
};

export const removeProject = (folder: string): Promise<void> =>
  rm(folder, { recursive: true, force: true });

export const npmStart = async (folder: string, args: readonly string[]): Promise<Started> => {
  // A group of its own, so that stopping reaches everything that npm has started and nothing else.
  const child = spawn("npm", ["start", "--", ...args], { cwd: folder, detached: true });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      output += String(chunk);
    });
  }
  const lineAfter = (start: string): string | undefined =>
    output
      .split("\n")
      .find((line) => line.trimStart().startsWith(start))
      ?.trim();
  const curl = await printed(
    child,
    () => lineAfter("curl "),
    () => output,
  );
  return {
    output: () => output,
    said: (label) =>
      lineAfter(`${label}:`)
        ?.slice(label.length + 1)
        .trim() ?? "",
    curl,
    stop: () => stop(child),
    kill: () => void child.kill("SIGKILL"),
  };
};

const printed = async (
  child: ChildProcess,
  look: () => string | undefined,
  output: () => string,
): Promise<string> => {
  const giveUp = Date.now() + START_WITHIN_MS;
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    if (child.exitCode !== null || Date.now() > giveUp) {
      await stop(child);
      throw new Error(`npm start printed no curl line:\n${output()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

const stop = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    const over = child.exitCode !== null || child.signalCode !== null;
    if (over || child.pid === undefined) {
      resolve();
      return;
    }
    child.once("close", () => resolve());
    process.kill(-child.pid, "SIGTERM");
  });

export const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });

export const portIsFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
