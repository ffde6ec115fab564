/**
 * Decides: nothing: a world round one breaker – callers, probes whose results come late, twice or never, an
 * operator, evictions – played from bytes, with what must hold after every step.
 */
import type { BreakerRules } from "../../src/domain/target.ts";
import { type BreakerEvent, breakerStep } from "../../src/policy/resilience/breaker.ts";
import {
  type BreakerState,
  type CallResult,
  type Lease,
  newBreaker,
  resultOfOne,
} from "../../src/policy/resilience/breaker-state.ts";
import { chanceFrom } from "../support/chance.ts";
import { insist } from "./insist.ts";

const RULES: BreakerRules = {
  enabled: true,
  volume: 20,
  failure_rate: 0.5,
  slow_rate: 0.8,
  consecutive: 5,
  open_ms: 15_000,
  max_open_ms: 300_000,
};
const LEASE_MS = 17_000;

type Flight = Lease & { over: boolean };

export type World = {
  state: BreakerState;
  /** The same breaker, never put away. */
  twin: BreakerState;
  now: number;
  readonly flights: Flight[];
  readonly seen: { probes: number; recoveries: number; openings: number };
};

/** Plays `script`, two bytes a step, and throws at the first thing that must not be. */
export const play = (script: Uint8Array, seed: number): World => {
  const chance = chanceFrom(seed);
  const twinChance = chanceFrom(seed);
  const world: World = {
    state: newBreaker,
    twin: newBreaker,
    now: 1_700_000_000_000,
    flights: [],
    seen: { probes: 0, recoveries: 0, openings: 0 },
  };
  for (let at = 0; at + 1 < script.length; at += 2) {
    act(world, chance, twinChance, script[at] ?? 0, script[at + 1] ?? 0);
  }
  insist(JSON.stringify(world.state) === JSON.stringify(world.twin), "storage changed the machine");
  return world;
};

const step = (
  world: World,
  event: BreakerEvent,
  chance: () => number,
  twinChance: () => number,
): Lease | undefined => {
  const before = world.state;
  const { state, output } = breakerStep(before, event, world.now, chance, RULES);
  world.state = state;
  world.twin = breakerStep(world.twin, event, world.now, twinChance, RULES).state;
  if (state.phase.name === "throttled" && before.phase.name === "throttled") {
    const kept = state.phase.until >= before.phase.until || world.now >= before.phase.until;
    insist(kept, "a throttle was shortened");
  }
  const { phase } = state;
  insist(!("until" in phase) || phase.until > world.now, "a time that is over stands");
  insist(state.window.length <= 10, "more is remembered than the last thirty seconds");
  if (event.type === "result" && isHeard(event.result, before, world.now)) {
    const until = phase.name === "closed" ? world.now : "until" in phase ? phase.until : Infinity;
    insist(until >= (event.result.until ?? 0), "a time that a provider named was cut short");
  }
  if (state.phase.name === "open" && before.phase.name !== "open") world.seen.openings += 1;
  if (state.recoveredAt !== null && state.recoveredAt !== before.recoveredAt) {
    world.seen.recoveries += 1;
  }
  return output;
};

/** A probe is heard while its lease lasts, another call unless it began before the last recovery. */
const isHeard = (
  { kind, probe, epoch }: CallResult,
  { phase, epoch: current }: BreakerState,
  now: number,
): boolean => {
  if (kind !== "throttle") return false;
  if (!probe) return epoch === null || epoch >= current;
  return phase.name === "half_open" && phase.lease?.epoch === epoch && now < phase.lease.expires;
};

const act = (
  world: World,
  chance: () => number,
  twinChance: () => number,
  what: number,
  which: number,
): void => {
  const send = (event: BreakerEvent) => step(world, event, chance, twinChance);
  const flight =
    which % 2 === 0
      ? world.flights.at(-1)
      : world.flights[which % Math.max(1, world.flights.length)];
  switch (what % 12) {
    case 0:
    case 1:
      world.now += which * 10;
      break;
    case 2:
      world.now += which * 1_000;
      break;
    case 3:
    case 4:
      send({
        type: "result",
        result: resultOfOne(which % 4 === 0 ? "ok" : "fail", { count: 1 + (which % 6) }),
      });
      break;
    case 5:
      send({
        type: "result",
        result: resultOfOne("throttle", { until: world.now + which * 100, epoch: which % 8 }),
      });
      break;
    case 6:
    case 7: {
      const lease = send({ type: "probe", leaseMs: LEASE_MS });
      if (lease === undefined) break;
      const underWay = world.flights.filter(({ over, expires }) => !over && expires > world.now);
      insist(underWay.length === 0, "two probes in flight");
      insist(lease.epoch > (world.flights.at(-1)?.epoch ?? 0), "an epoch was used twice");
      world.flights.push({ ...lease, over: false });
      world.seen.probes += 1;
      break;
    }
    case 8:
    case 9: {
      // Any lease there ever was: the current one, one that ran out, one that was answered already.
      if (flight === undefined) break;
      const kind =
        (["ok", "ok", "fail", "timeout", "throttle", "ignore"] as const)[
          what === 8 ? 0 : which % 6
        ] ?? "ok";
      const before = world.state.phase;
      const isStale = before.name !== "half_open" || before.lease?.epoch !== flight.epoch;
      const until = kind === "throttle" ? world.now + which * 1_000 : null;
      send({
        type: "result",
        result: resultOfOne(kind, { epoch: flight.epoch, probe: true, until }),
      });
      if (!isStale) flight.over = true;
      else if (before.name === "closed") {
        insist(world.state.phase.name === "closed", "a stale result opened the breaker");
      }
      break;
    }
    case 10: {
      if (flight === undefined) break;
      const lease = send({ type: "renew", epoch: flight.epoch, leaseMs: LEASE_MS });
      if (lease !== undefined) Object.assign(flight, { expires: lease.expires });
      break;
    }
    default:
      if (which < 128) world.state = JSON.parse(JSON.stringify(world.state)) as BreakerState;
      else if (which < 140) {
        send({ type: "force", to: (["closed", "isolated", "auto"] as const)[which % 3] ?? "auto" });
        // The operator takes the lease back.
        for (const each of world.flights) each.over = true;
      }
  }
};

/** Goes on as well-behaved callers would; whether the breaker is closed after `rounds` of them. */
export const recovers = (world: World, rounds = 12): boolean => {
  const chance = chanceFrom(1);
  const send = (event: BreakerEvent) => step(world, event, chance, chance);
  send({ type: "force", to: "auto" });
  for (let round = 0; round < rounds; round += 1) {
    const { phase } = world.state;
    if (phase.name === "closed") return true;
    if ("until" in phase) world.now = Math.max(world.now, phase.until);
    else world.now += LEASE_MS;
    const lease = send({ type: "probe", leaseMs: LEASE_MS });
    if (lease !== undefined) {
      send({ type: "result", result: resultOfOne("ok", { epoch: lease.epoch, probe: true }) });
    }
  }
  return world.state.phase.name === "closed";
};
