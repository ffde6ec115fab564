/**
 * Decides: what the Worker does unasked: counts what queues bring it, and once an hour moves rows into the
 * archive and forgets what is old.
 * Never: is waited for by a request.
 */
import { logLine } from "../base/log-line.ts";
import { exportRows } from "./archive.ts";
import { prune } from "./archive-prune.ts";
import { createClock } from "./clock.ts";
import { createUsageConsumer } from "./usage.ts";
import { createDeadLetters } from "./usage-dead-letters.ts";
import { createUsageQueue, type Delivered } from "./usage-queue.ts";

export type BackgroundJobs = {
  readonly delivered: (batch: Delivered) => Promise<void>;
  /** Rejects where something failed, so that the runtime shows it; the next hour makes up for it. */
  readonly hourly: () => Promise<void>;
};

type Bindings = { readonly DB: D1Database; readonly ARCHIVE: Pick<R2Bucket, "put"> };

export const createBackgroundJobs = ({ DB: db, ARCHIVE: bucket }: Bindings): BackgroundJobs => {
  const clock = createClock();
  const consumer = createUsageConsumer({ db });
  return {
    delivered: createUsageQueue({
      consumer,
      deadLetters: createDeadLetters({ db, clock, consumer }),
    }),
    async hourly() {
      const now = clock.now();
      const exported = await exportRows({ db, bucket, now });
      const pruned = await prune({ db, now });
      if (exported + pruned > 0) console.log(logLine({ event: "archive", exported, pruned }));
    },
  };
};
