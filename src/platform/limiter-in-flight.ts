/**
 * Decides: how long an isolate remembers what belongs to a request: until it ends, or, where the runtime kills it
 * before, until it can be of no use any more.
 * Never: looks through all of them for one request: once a minute.
 */

/** Milliseconds between two looks. */
const LOOK_MS = 60_000;

/** By request id. `now` in milliseconds since the epoch. */
export type InFlight<V> = {
  get(id: string): V | undefined;
  set(id: string, value: V, now: number): void;
  delete(id: string): void;
};

/** `untilOf`: from when on (milliseconds since the epoch) nobody asks for a value any more. */
export const createInFlight = <V>(untilOf: (value: V) => number): InFlight<V> => {
  const values = new Map<string, V>();
  let lookedAt = 0;
  const look = (now: number): void => {
    lookedAt = now;
    for (const [id, value] of values) {
      if (untilOf(value) <= now) values.delete(id);
    }
  };
  return {
    get: (id) => values.get(id),
    set(id, value, now) {
      if (now - lookedAt >= LOOK_MS) look(now);
      values.set(id, value);
    },
    delete: (id) => void values.delete(id),
  };
};
