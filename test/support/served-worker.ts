/**
 * Decides: how a Worker is put on a real socket without a development proxy between: workerd itself
 * listens, so that a caller's disconnect, back-pressure and CPU are the Worker's own.
 * Never: knows what the Worker does.
 */
import { readdirSync, readFileSync } from "node:fs";
import {
  convertV4MiniflareOptions,
  Log,
  LogLevel,
  Miniflare,
  type V4WorkerOptions,
} from "miniflare";

export type ServedWorker = {
  /** The socket on which workerd listens, without a trailing slash. */
  readonly url: string;
  /** Of the workerd process; the benchmark reads its CPU time and memory. */
  readonly pid: number;
  readonly miniflare: Miniflare;
  dispose(): Promise<void>;
};

const HOST = "127.0.0.1";

/** `onLog` is called with each line that the Worker logs. HEADGATE_INSPECT: profilers can look inside. */
export const serveWorker = async (
  worker: V4WorkerOptions,
  onLog: (line: string) => void = () => {},
): Promise<ServedWorker> => {
  const before = new Set(workerdChildren());
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      ...worker,
      host: HOST,
      port: 0,
      cf: false,
      log: new Log(LogLevel.NONE),
      handleStructuredLogs: ({ message }) => onLog(message),
      unsafeDirectSockets: [{ host: HOST, port: 0 }],
      ...(process.env["HEADGATE_INSPECT"] !== undefined && { inspectorPort: 0 }),
    }),
  );
  await miniflare.ready;
  const url = (await miniflare.unsafeGetDirectURL()).href.replace(/\/$/, "");
  const pid = workerdChildren().find((child) => !before.has(child)) ?? 0;
  return { url, pid, miniflare, dispose: () => miniflare.dispose() };
};

/** Ids of the processes named workerd whose parent is this one. Empty where there is no /proc. */
export const workerdChildren = (): number[] => {
  try {
    return readdirSync("/proc")
      .map(Number)
      .filter((pid) => pid > 0 && isWorkerdChild(pid));
  } catch {
    return [];
  }
};

const isWorkerdChild = (pid: number): boolean => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
    return stat.includes("(workerd)") && parent === process.pid;
  } catch {
    return false;
  }
};
