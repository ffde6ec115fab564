/**
 * Decides: how the workerd behind the gateway is found and killed, in the middle of whatever it does.
 * Never: ends a process that this one has not started.
 */
import { workerdChildren } from "../test/support/served-worker.ts";

const PATIENCE_MS = 30_000;

/** SIGKILL: nothing is flushed, nobody is told. Miniflare starts another on the same storage. Linux only. */
export const killWorkerd = (): void => {
  const [pid, ...others] = workerdChildren();
  if (pid === undefined || others.length > 0) throw new Error("there is not exactly one workerd");
  process.kill(pid, "SIGKILL");
};

/** Until the gateway answers again at `url`. */
export const answersAgain = async (url: string): Promise<void> => {
  for (const giveUp = Date.now() + PATIENCE_MS; ; ) {
    const isWell = await fetch(`${url}/healthz`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (isWell) return;
    if (Date.now() > giveUp) throw new Error("the gateway did not come back");
    await new Promise((done) => setTimeout(done, 50));
  }
};
