/**
 * Decides: which request of this isolate goes ahead for others that ask the same at the same time, when those must
 * not count on it any more, and when it is told elsewhere that it still goes ahead.
 * Never: lets one request wait for another without a timer of its own – the runtime takes a request that waits
 * only for others for hung – or touch what belongs to another: they share plain data and wake each other.
 */
import type { Clock } from "../base/clock.ts";
import { remember } from "../base/remember.ts";
import type { FlightState, Flights, Following, Lead } from "../ports-cache.ts";
import { BEAT_MS, type Flight, isEnd, type SharedFlights } from "./flight.ts";

/** Milliseconds until the first sign of life: what is answered by then needs none. */
const FIRST_BEAT_MS = 300;
/** Milliseconds without one until the others go on by themselves. */
const DEAD_MS = 3_500;
/** Milliseconds for which one who waited a moment ago is taken to wait again. */
const FOLLOWED_MS = 2 * BEAT_MS;

/** Requests whose ends the object may not have yet; far more than run in one isolate. */
const MOST_ANNOUNCED = 1_000;

/** `load`: what reaches other isolates; most requests never need it. */
export type Elsewhere = {
  readonly load: () => Promise<SharedFlights>;
  readonly background: (work: Promise<unknown>) => void;
};

/** `told`: the object knows that the request has ended, and whether anybody elsewhere relies on it. */
export type IsolateFlights = Flights & { told(id: string, isFollowed: boolean): void };

/** Who only keeps his answer goes ahead for nobody who comes later. */
const isAhead = (flight: Flight | undefined): boolean =>
  flight !== undefined && flight.state !== "keeping";

const NOBODY: Following = {
  ahead: () => undefined,
  state: () => "lost",
  shown: () => undefined,
  next: async () => {},
};

export const createFlights = (clock: Clock, elsewhere?: Elsewhere): IsolateFlights => {
  const flights = new Map<string, Flight>();
  /** By the ids of their requests. */
  const announced = new Map<string, Flight>();

  const share = (work: (shared: SharedFlights) => Promise<unknown>): void => {
    elsewhere?.background(
      elsewhere
        .load()
        .then(work)
        .catch(() => undefined),
    );
  };

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
    ahead: () => flight.flier?.id,
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
        flier: undefined,
        isFollowedElsewhere: false,
        isCarried: false,
      };
      // Whoever is ahead under this name already goes on for those who follow him.
      if (!isAhead(flights.get(name))) flights.set(name, flight);
      let cancel = (): void => {};
      const beat = (): void => {
        flight.seenAt = clock.now();
        cancel = clock.after(BEAT_MS, beat);
        if (flight.flier !== undefined) share((shared) => shared.sign(flight, announced.values()));
      };
      cancel = clock.after(FIRST_BEAT_MS, beat);
      return {
        isFollowed: () => clock.now() - flight.followedAt <= FOLLOWED_MS,
        announced(flier) {
          flight.flier = flier;
          remember(announced, flier.id, flight, MOST_ANNOUNCED);
        },
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
        keeping() {
          if (!isEnd(flight.state)) flight.state = "keeping";
        },
        end(how) {
          cancel();
          end(name, flight, how);
        },
      };
    },

    async joinElsewhere(flier, ahead, targetOf) {
      const shared = await elsewhere?.load();
      return shared?.join(flier, ahead, targetOf) ?? NOBODY;
    },

    async meet(flier, without) {
      const shared = await elsewhere?.load();
      return shared?.meet(flier, without);
    },

    told(id, isFollowed) {
      const flight = announced.get(id);
      announced.delete(id);
      if (flight === undefined || !isFollowed || flight.isCarried) return;
      share((shared) => shared.carry(flight));
    },
  };
};
