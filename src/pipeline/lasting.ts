/**
 * Decides: how long a request goes on whose caller has left: at once no longer, but while others are given what
 * he was given.
 * Never: writes to one who is gone, or lets those who follow pay for his leaving with a call of their own.
 */
import type { Clock } from "../base/clock.ts";
import type { Lead } from "../ports-cache.ts";
import type { Sink } from "./outflow.ts";

/** Milliseconds between two looks whether anybody follows still. */
const LOOK_MS = 1_000;

/** Aborts when the caller has left and nobody follows. */
export const lastingSignal = (clock: Clock, caller: AbortSignal, lead: Lead): AbortSignal => {
  const controller = new AbortController();
  const look = (): void => {
    if (lead.isFollowed()) clock.after(LOOK_MS, look);
    else controller.abort();
  };
  if (caller.aborted) controller.abort();
  else caller.addEventListener("abort", look);
  return controller.signal;
};

type Lasting = Sink & { hasLeft(): boolean };

/** The way to a caller who may leave before those who follow him; `hasLeft` says so afterwards. */
export const lastingSink = (writer: Sink, caller: AbortSignal, lead: Lead): Lasting => {
  let hasLeft = false;
  const left = new Promise<void>((resolve) => {
    if (caller.aborted) resolve();
    else caller.addEventListener("abort", () => resolve());
  });
  const gone = (fault?: unknown): void => {
    hasLeft = true;
    writer.abort().catch(() => {});
    if (!lead.isFollowed()) throw fault ?? new Error("the caller has left");
  };
  return {
    hasLeft: () => hasLeft,
    async write(bytes) {
      if (hasLeft) return;
      // A write that waits for one who is gone would wait for ever.
      const written = writer.write(bytes).then(() => true);
      written.catch(() => {});
      const isWritten = await Promise.race([written, left.then(() => false)]).catch(gone);
      if (isWritten === false) gone();
    },
    async close() {
      if (!hasLeft) await writer.close();
    },
    abort: () => writer.abort(),
  };
};
