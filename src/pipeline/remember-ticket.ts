/**
 * Decides: what a request with an Idempotency-Key says of itself while it runs: that it is about to ask a
 * provider, and how it ended.
 * Never: says the first twice, or lets anything be sent that was refused.
 */
import type { Failure } from "../domain/error.ts";
import type { RequestRecord } from "../domain/record.ts";
import type { OnceRun } from "../ports.ts";

export type Ticket = {
  /** To be waited for before every call of a provider; a failure: nothing may be sent. */
  dispatching(): Promise<Failure | undefined>;
  /** To be called with the complete record when the request is settled, on every path. */
  settled(record: RequestRecord): void;
};

/** The stage's own side of a ticket. */
export type Stub = {
  readonly ticket: Ticket;
  hasDispatched(): boolean;
  /** Resolves when the request is settled. */
  readonly record: Promise<RequestRecord>;
  /** The same, where it is known already. */
  recordNow(): RequestRecord | undefined;
};

export const createTicket = (run: OnceRun): Stub => {
  let dispatching: Promise<Failure | undefined> | undefined;
  let known: RequestRecord | undefined;
  let tell = (_record: RequestRecord): void => {};
  const record = new Promise<RequestRecord>((resolve) => {
    tell = resolve;
  });
  return {
    ticket: {
      dispatching: () => {
        dispatching ??= run.dispatched();
        return dispatching;
      },
      settled: (ended) => {
        known ??= ended;
        tell(ended);
      },
    },
    hasDispatched: () => dispatching !== undefined,
    record,
    recordNow: () => known,
  };
};
