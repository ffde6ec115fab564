/**
 * Decides: which request of this isolate goes ahead for others that ask the same at the same time, and when
 * those must not count on it any more.
 * Never: lets one request wait for another without a timer of its own – the runtime takes a request that waits
 * only for others for hung – or touch what belongs to another: they share plain data and wake each other.
 */
import type { Clock } from "../base/clock.ts";
import type { FlightState, Flights, Following, Lead, Shown } from "../ports-cache.ts";

/** Milliseconds between two signs of life, and without one until the others go on by themselves. */
const BEAT_MS = 1_000;
const DEAD_MS = 3_500;
/** Milliseconds for which one who waited a moment ago is taken to wait again. */
const FOLLOWED_MS = 2 * BEAT_MS;

type Flight = {
  state: FlightState;
  shown: Shown | undefined;
  seenAt: number;
  /** When somebody last began to wait; those who follow do so every second at least. */
  followedAt: number;
  /** Wake those who wait. They resolve promises and nothing else: they are called by another request. */
  waiting: Set<() => void>;
};

const isEnd = (state: FlightState): boolean =>
  state === "found" || state === "over" || state === "lost";

export const createFlights = (clock: Clock): Flights => {
  const flights = new Map<string, Flight>();

  const wake = (flight: Flight): void => {
    if (flight.waiting.size === 0) return;
    const { waiting } = flight;
    flight.waiting = new Set();
    for (const resolve of waiting) resolve();
  };

  const end = (name: string, flight: Flight, how: FlightState): void => {
    if (isEnd(flight.state)) return;
    flight.state = how;
    if (flights.get(name) === flight) flights.delete(name);
    wake(flight);
  };

  /** A request that the runtime has ended says nothing any more. */
  const bury = (name: string, flight: Flight): void => {
    if (clock.now() - flight.seenAt > DEAD_MS) end(name, flight, "lost");
  };

  const following = (name: string, flight: Flight): Following => ({
    state: () => flight.state,
    shown: () => flight.shown,
    async next(signal) {
      if (isEnd(flight.state) || signal.aborted) return;
      flight.followedAt = clock.now();
      let stop = (): void => {};
      await new Promise<void>((resolve) => {
        const cancel = clock.after(BEAT_MS, resolve);
        const leave = (): void => resolve();
        signal.addEventListener("abort", leave);
        flight.waiting.add(resolve);
        stop = () => {
          cancel();
          signal.removeEventListener("abort", leave);
          flight.waiting.delete(resolve);
        };
      });
      // Back in the request that has waited: the timer is its own.
      stop();
      bury(name, flight);
    },
  });

  return {
    join(name) {
      const flight = flights.get(name);
      if (flight === undefined) return undefined;
      bury(name, flight);
      return isEnd(flight.state) ? undefined : following(name, flight);
    },

    lead(name): Lead {
      const flight: Flight = {
        state: "looking",
        shown: undefined,
        seenAt: clock.now(),
        followedAt: Number.NEGATIVE_INFINITY,
        waiting: new Set(),
      };
      // Whoever is ahead under this name already goes on for those who follow him.
      if (!flights.has(name)) flights.set(name, flight);
      let cancel = (): void => {};
      const beat = (): void => {
        flight.seenAt = clock.now();
        cancel = clock.after(BEAT_MS, beat);
      };
      beat();
      return {
        isFollowed: () => clock.now() - flight.followedAt <= FOLLOWED_MS,
        asking() {
          if (flight.state !== "looking") return;
          flight.state = "asking";
          wake(flight);
        },
        show(shown) {
          flight.shown = shown;
          wake(flight);
        },
        stir: () => wake(flight),
        end(how) {
          cancel();
          end(name, flight, how);
        },
      };
    },
  };
};
