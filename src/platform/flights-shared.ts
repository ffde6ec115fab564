/**
 * Decides: how equal requests in several isolates come to share one call: the organisation's object knows who goes
 * ahead and whether anybody follows, and only then is an answer told to others, through an object of its own.
 * Never: is loaded for a request that is answered at once and that nobody follows; never fails one either.
 */
import { type Clock, within } from "../base/clock.ts";
import { remember } from "../base/remember.ts";
import type { Flier } from "../ports-cache.ts";
import { type AskFlight, BEAT_MS, type Flight, isEnd, type SharedFlights } from "./flight.ts";
import { createCarrier } from "./flights-carry.ts";
import { createFollower } from "./flights-follow.ts";
import type { FlightCalls } from "./objects/flight-calls.ts";
import type { FlightBoardCalls } from "./objects/organisation-flights.ts";
import type { Reach } from "./organisation-reach.ts";

/** Milliseconds. One look tells of all flights of an organisation in this isolate. */
const LOOK_EVERY = 200;
const MOST_TENANTS = 1_000;
/** Milliseconds that a flight's object may take for what it need not wait for. */
const ANSWER_WITHIN = 2_000;

export type SharedParts = {
  readonly clock: Clock;
  readonly reach: Reach<FlightBoardCalls>;
  /** A new stub each time; one that has thrown stays broken. */
  readonly objectOf: (name: string) => FlightCalls;
};

export const createSharedFlights = ({ clock, reach, objectOf }: SharedParts): SharedFlights => {
  const lookedAt = new Map<string, number>();
  const askAs =
    ({ name }: Flier): AskFlight =>
    (id, ask, waitMs = 0) =>
      within(clock, waitMs + ANSWER_WITHIN, () => ask(objectOf(`${id} ${name}`)));

  const look = async ({ place }: Flier, all: Iterable<Flight>): Promise<void> => {
    const now = clock.now();
    if (now - (lookedAt.get(place.tenant) ?? 0) < LOOK_EVERY) return;
    remember(lookedAt, place.tenant, now, MOST_TENANTS);
    const open = [...all].flatMap((flight) => {
      const { flier, state, seenAt } = flight;
      if (flier === undefined || flier.place.tenant !== place.tenant) return [];
      // One that the runtime has ended must not be kept alive by others.
      const isGone = isEnd(state) || now - seenAt > 2 * BEAT_MS;
      return isGone ? [] : [{ flight, id: flier.id, name: flier.name }];
    });
    const asked = open.map(({ id, name }) => ({ id, name }));
    const seen = await reach(place, (object) => object.flightsSeen(asked));
    if (!seen.ok) return;
    for (const [at, { flight }] of open.entries()) {
      if (seen.value[at] !== "followed" || flight.isFollowedElsewhere) continue;
      flight.isFollowedElsewhere = true;
      flight.followedAt = clock.now();
    }
  };

  const carry = async (flight: Flight): Promise<void> => {
    const { flier } = flight;
    if (flier === undefined || flight.isCarried) return;
    flight.isCarried = true;
    await createCarrier(clock, askAs(flier), flier, flight)();
  };

  return {
    carry,
    async sign(flight, all) {
      if (flight.flier !== undefined) await look(flight.flier, all);
      if (flight.isFollowedElsewhere) await carry(flight);
    },
    join: (flier, ahead, targetOf) =>
      createFollower({ clock, ask: askAs(flier), name: flier.name, ahead, targetOf }),
    async meet({ place, name, id }, without) {
      const met = await reach(place, (object) => object.flightMeet(name, id, without));
      return met.ok ? met.value : undefined;
    },
  };
};
