/**
 * Decides: how a real redis-server is started for a test: in memory, on a socket in a folder of its own, ended
 * by its process; and that tests go without where there is none, by name.
 * Never: stands in for Redis, and never touches one that is there already.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe } from "vitest";

export type Redis = {
  /** The Unix socket it listens on; it has no port that anything else could want. */
  readonly socket: string;
  dispose(): Promise<void>;
};

const isMissing = spawnSync("redis-server", ["--version"]).status !== 0;
if (isMissing)
  console.log("skipped: there is no redis-server (Debian: apt-get install redis-server)");

/** `describe`, skipped where there is no Redis. */
export const describeWithRedis = describe.skipIf(isMissing);

const answers = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket: Socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });

const listening = async (path: string, child: ChildProcess): Promise<void> => {
  const giveUp = Date.now() + 10_000;
  while (!(await answers(path))) {
    if (child.exitCode !== null) throw new Error(`redis-server ended with ${child.exitCode}`);
    if (Date.now() > giveUp) throw new Error("redis-server does not listen");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

export const startRedis = async (): Promise<Redis> => {
  const folder = await mkdtemp(join(tmpdir(), "headgate-redis-"));
  const socket = join(folder, "redis.sock");
  const child = spawn(
    "redis-server",
    ["--port", "0", "--unixsocket", socket, "--save", "", "--appendonly", "no", "--dir", folder],
    { stdio: "ignore" },
  );
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  await listening(socket, child);
  return {
    socket,
    dispose: async () => {
      child.kill("SIGTERM");
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
};
