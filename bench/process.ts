/**
 * Decides: how processes of the benchmark are kept apart, and how their CPU time and memory are read.
 * Never: ends a process that it did not start.
 */
import { type ChildProcess, fork, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";

/** Clock ticks a second of /proc/PID/stat; fixed at 100 on Linux for user space. */
const TICKS = 100;

/** Seconds of CPU, user and system, over all threads. */
export const cpuSeconds = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
};

/** Resident memory in bytes; NaN where the process is not known. */
export const residentBytes = (pid: number | undefined): number => {
  if (pid === undefined) return Number.NaN;
  const line = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Number(line?.[1] ?? 0) * 1024;
};

/** What is measured runs on core 0, what measures on the others, where `taskset` exists. */
export const pin = (pid: number, role: "measured" | "measuring"): void => {
  const cores = availableParallelism();
  if (cores < 2) return;
  const list = role === "measured" ? "0" : `1-${cores - 1}`;
  spawnSync("taskset", ["-a", "-c", "-p", list, String(pid)], { stdio: "ignore" });
};

export type Helper = {
  readonly child: ChildProcess;
  /** Sends a message and waits for the answer. */
  ask<T>(message: unknown): Promise<T>;
};

/** A script of this folder as a process of its own, pinned beside the measured one. */
export const startHelper = (script: string): Helper => {
  const child = fork(join(import.meta.dirname, script), { stdio: "inherit" });
  if (child.pid !== undefined) pin(child.pid, "measuring");
  const answer = <T>(): Promise<T> =>
    new Promise((resolve, reject) => {
      const failed = (code: number | null): void => reject(new Error(`${script} ended: ${code}`));
      child.once("exit", failed);
      child.once("message", (message) => {
        child.off("exit", failed);
        resolve(message as T);
      });
    });
  return {
    child,
    ask: <T>(message: unknown) => {
      const answered = answer<T>();
      if (message !== undefined) child.send(message as object);
      return answered;
    },
  };
};
