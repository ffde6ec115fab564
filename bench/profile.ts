/**
 * Decides: which functions of the gateway a load spends its CPU in, by the runtime's own profiler.
 * Never: measures a ratio: a profiled Worker is slower.
 *
 *   npm run bench -- --profile requests
 */
import { rmSync } from "node:fs";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildWorker } from "../scripts/build.ts";
import type { ServedWorker } from "../test/support/served-worker.ts";

type Node = {
  readonly id: number;
  readonly callFrame: {
    readonly functionName: string;
    readonly url: string;
    readonly lineNumber: number;
  };
  readonly children?: readonly number[];
};
type Profile = {
  readonly nodes: readonly Node[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
};

/** Microseconds between two samples. */
const INTERVAL = 200;
const SHOWN = 45;

/** The inspector's sessions of one process: of the gateway, not of what simulates the platform. */
const socketOf = async ({ miniflare }: ServedWorker): Promise<WebSocket> => {
  const base = await miniflare.getInspectorURL();
  const listed = await fetch(new URL("/json", base.href.replace(/^ws/, "http")));
  const targets = (await listed.json()) as { webSocketDebuggerUrl: string; id: string }[];
  const own = targets.find(({ id }) => id.includes("user:"));
  if (own === undefined) throw new Error("the inspector lists no Worker of ours");
  const socket = new WebSocket(own.webSocketDebuggerUrl);
  await new Promise((open, fail) => {
    socket.addEventListener("open", open);
    socket.addEventListener("error", fail);
  });
  return socket;
};

/** The Worker with the names that its functions have in the source, for as long as this process runs. */
export const readableBundle = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), "headgate-readable-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  await buildWorker(folder, false);
  return folder;
};

/** What was sampled while `work` ran. */
export const profiled = async (
  worker: ServedWorker,
  work: () => Promise<unknown>,
): Promise<Profile> => {
  const socket = await socketOf(worker);
  let last = 0;
  const call = <T>(method: string, params: object = {}): Promise<T> =>
    new Promise((resolve) => {
      last += 1;
      const id = last;
      const heard = ({ data }: MessageEvent): void => {
        const message = JSON.parse(String(data)) as { id?: number; result: T };
        if (message.id !== id) return;
        socket.removeEventListener("message", heard);
        resolve(message.result);
      };
      socket.addEventListener("message", heard);
      socket.send(JSON.stringify({ id, method, params }));
    });
  await call("Profiler.enable");
  await call("Profiler.setSamplingInterval", { interval: INTERVAL });
  await call("Profiler.start");
  await work();
  const { profile } = await call<{ profile: Profile }>("Profiler.stop");
  socket.close();
  return profile;
};

const nameOf = ({ callFrame: { functionName, url, lineNumber } }: Node): string =>
  `${functionName || "(anonymous)"} ${url.split("/").at(-1) ?? ""}:${lineNumber + 1}`;

/** The functions with the most time of their own, in percent of what was not idle. */
export const table = ({ nodes, samples, timeDeltas }: Profile): string => {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const own = new Map<string, number>();
  let all = 0;
  samples.forEach((id, at) => {
    const node = byId.get(id);
    if (node === undefined || node.callFrame.functionName === "(idle)") return;
    const spent = timeDeltas[at] ?? 0;
    all += spent;
    own.set(nameOf(node), (own.get(nameOf(node)) ?? 0) + spent);
  });
  return [...own]
    .sort(([, a], [, b]) => b - a)
    .slice(0, SHOWN)
    .map(([name, spent]) => `${((spent / all) * 100).toFixed(1).padStart(6)} %  ${name}`)
    .join("\n");
};

/** Prints the table, and writes what a browser's tools open. */
export const report = async (profile: Profile, file: string): Promise<void> => {
  await writeFile(file, JSON.stringify(profile));
  console.log(`${table(profile)}\n\n${file}`);
};
