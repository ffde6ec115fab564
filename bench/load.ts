/**
 * Decides: how load is made: prepared requests over bare sockets, one in flight on each.
 * Never: interprets an answer beyond its status and its end. Runs as a process of its own; takes jobs and
 * gives results through IPC.
 */
import { connect, type Socket } from "node:net";
import { messageReader } from "./http-messages.ts";

export type Job = {
  readonly port: number;
  /** Whole HTTP requests, taken in turn. */
  readonly requests: readonly string[];
  readonly connections: number;
  /** Ends after so many answers, or so many seconds, whichever comes first. */
  readonly count?: number;
  readonly seconds?: number;
  /** Milliseconds between an answer and the next request on a connection. */
  readonly paceMs?: number;
  /** Ends once every connection has received body, and leaves the answers open until the next job. */
  readonly hold?: boolean;
};

export type Outcome = {
  readonly completed: number;
  readonly seconds: number;
  /** Of each answer, sorted. */
  readonly totalMs: readonly number[];
  readonly firstByteMs: readonly number[];
  /** The first answer that was not a 200, or the socket's error. */
  readonly failure: string | undefined;
};

let held: Socket[] = [];

const run = (job: Job): Promise<Outcome> =>
  new Promise((resolve) => {
    for (const socket of held) socket.destroy();
    const sockets: Socket[] = [];
    const started = performance.now();
    const totalMs: number[] = [];
    const firstByteMs: number[] = [];
    let sent = 0;
    let failure: string | undefined;
    const isOver = (): boolean =>
      failure !== undefined ||
      totalMs.length >= (job.count ?? Number.POSITIVE_INFINITY) ||
      performance.now() - started >= (job.seconds ?? Number.POSITIVE_INFINITY) * 1000;
    const finish = (): void => {
      if (job.hold === true && failure === undefined) held = sockets;
      else for (const socket of sockets) socket.destroy();
      const seconds = (performance.now() - started) / 1000;
      const sorted = (list: number[]): number[] => list.sort((a, b) => a - b);
      const completed = totalMs.length;
      resolve({
        completed,
        seconds,
        totalMs: sorted(totalMs),
        firstByteMs: sorted(firstByteMs),
        failure,
      });
    };
    const done = once(finish);
    for (let index = 0; index < job.connections; index += 1) {
      const socket = connect(job.port, "127.0.0.1");
      sockets.push(socket);
      socket.setNoDelay(true);
      let at = 0;
      let isFirst = true;
      const next = (): void => {
        if (isOver()) {
          done();
          return;
        }
        at = performance.now();
        isFirst = true;
        socket.write(job.requests[sent % job.requests.length] ?? "");
        sent += 1;
      };
      const read = messageReader({
        onHead: (head) => {
          if (!head.startsWith("HTTP/1.1 200")) failure ??= head;
        },
        onBody: (piece) => {
          if (failure !== undefined && totalMs.length === 0)
            failure += piece.toString("latin1", 0, 500);
          if (!isFirst) return;
          isFirst = false;
          firstByteMs.push(performance.now() - at);
          if (job.hold === true && firstByteMs.length === job.connections) done();
        },
        onEnd: () => {
          totalMs.push(performance.now() - at);
          if (job.paceMs === undefined) next();
          else setTimeout(next, job.paceMs);
        },
      });
      socket.on("connect", next);
      socket.on("data", read);
      socket.on("error", (problem) => {
        failure ??= problem.message;
        done();
      });
    }
  });

const once = (act: () => void): (() => void) => {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    act();
  };
};

process.on("message", async (job: Job) => process.send?.(await run(job)));
process.on("disconnect", () => process.exit(0));
