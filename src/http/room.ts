/**
 * Decides: how much of large bodies an isolate takes in at once (faults.md F59): each lies in its memory several times
 * over, and what is too much for that ends all requests of the isolate.
 * Never: refuses a small body, or counts one for longer than its request lasts.
 */
import { TIMEOUTS } from "../domain/config/defaults.ts";

/** Bytes. Up to this a body weighs little beside the rest of its request. */
export const SMALL_BODY = 1024 * 1024;
/** Bytes. As text, as values and on its way upstream a body takes four times its size; an isolate has 128 MB. */
const MOST_AT_ONCE = 32 * 1024 * 1024;

/** `whose`: anything that is one request's alone. */
export type Room = {
  /** False where there is no room for a body of so many bytes: it has none then. `now` in milliseconds since the epoch. */
  hold(whose: object, bytes: number, now: number): boolean;
  has(whose: object): boolean;
  free(whose: object): void;
};

export const createRoom = (): Room => {
  const held = new Map<object, { readonly bytes: number; readonly until: number }>();
  return {
    hold(whose, bytes, now) {
      if (bytes <= SMALL_BODY) return true;
      let all = bytes;
      for (const [other, its] of held) {
        // A request that was ended from outside never says so.
        if (its.until < now) held.delete(other);
        else if (other !== whose) all += its.bytes;
      }
      if (all > MOST_AT_ONCE) {
        // Of two that grow together one is to come through.
        held.delete(whose);
        return false;
      }
      held.set(whose, { bytes, until: now + TIMEOUTS.total_ms });
      return true;
    },
    has: (whose) => held.has(whose),
    free: (whose) => void held.delete(whose),
  };
};
