/**
 * Decides: when this isolate asks for a block of an organisation's limits, what it admits out of it by itself,
 * and when it gives the rest back (machines.md section 0).
 * Never: admits out of a block for longer than a revocation would wait for it, nor what does not fit into it, nor a
 * key that the object has not judged to be live since anything last changed.
 */
import { type Clock, sleep } from "../base/clock.ts";
import { remember } from "../base/remember.ts";
import type { LedgerRow } from "../domain/ledger-row.ts";
import type { Cost, LimitRule } from "../domain/limit.ts";
import type { Caller, Revisions } from "../domain/tenant.ts";
import {
  type Admission,
  type Admitted,
  type Nearness,
  plainlyAdmitted,
} from "../policy/limits/admission.ts";
import { GRACE_MS, LEASE_GRACE_MS, LEASE_MS } from "../policy/limits/times.ts";
import { createHeat, type Drawing, type Heat, type Held } from "./limiter-heat.ts";
import { createInFlight } from "./limiter-in-flight.ts";
import type {
  DrawCall,
  DrawnFrom,
  LeaseCall,
  OrganisationCalls,
  Principal,
} from "./objects/organisation-calls.ts";
import type { Place, Reach } from "./organisation-reach.ts";

/** Milliseconds before its end at which a block is not used any more: giving it back takes a while. */
const EARLY_MS = 100;
/**
 * Milliseconds after that at which it is given back: by then the ends of those that were admitted out of it last have
 * been told, and only who still runs has to be moved into a reservation of his own.
 */
const REST_OF_ENDS_MS = 150;
/** Milliseconds between two tries to give one back. */
const REST_MS = 1_000;
/** As many keys as an isolate knows by their records; some hundred bytes each. */
const MOST_JUDGED = 10_000;

export type Blocks = {
  /** Undefined: the object has to be asked. */
  admit(caller: Caller, admission: Admission, facts: LedgerRow): Admitted | undefined;
  /** Undefined: the request was not admitted out of a block, or is long over. */
  drawing(id: string): Drawing | undefined;
  /** The object has admitted a request of his, under this edition of what it knows of keys. */
  judged(caller: Caller, edition: string): void;
  /** The object knows that the request has ended. */
  ended(id: string): void;
};

/** A key that the object took for live, by the record that the isolate had of it then. */
type Judged = { readonly edition: string; readonly revisions: Revisions };

const fits = (cost: Cost, left: Cost): boolean =>
  cost.requests <= left.requests &&
  cost.tokens <= left.tokens &&
  cost.nanoUsd <= left.nanoUsd &&
  cost.slots <= left.slots;

const minus = (left: Cost, cost: Cost): Cost => ({
  requests: left.requests - cost.requests,
  tokens: left.tokens - cost.tokens,
  nanoUsd: left.nanoUsd - cost.nanoUsd,
  slots: left.slots - cost.slots,
});

/** What no rule counts needs not be in a block. */
const counted = (rules: readonly LimitRule[], cost: Cost): Cost => {
  const has = (unit: LimitRule["unit"]): number => Number(rules.some((rule) => rule.unit === unit));
  return {
    requests: 1,
    tokens: has("tokens") * cost.tokens,
    nanoUsd: has("usd") * cost.nanoUsd,
    slots: has("concurrent"),
  };
};

/** Whether something of it has been changed since: a key's record is some seconds old now and then. */
const isOlder = (one: Revisions, other: Revisions): boolean =>
  one !== other &&
  (one.key < other.key ||
    (one.org ?? 0) < (other.org ?? 0) ||
    (one.team ?? 0) < (other.team ?? 0) ||
    (one.user ?? 0) < (other.user ?? 0));

const plusLeft = (near: Nearness | undefined, left: number): Nearness | undefined =>
  near && { ...near, remaining: near.remaining + left };

/** As the object would have answered; a budget of which a block is given is far from its end. */
const answerOf = (admission: Admission, { block, left }: Held): Admitted => ({
  ...plainlyAdmitted(admission),
  requests: plusLeft(block.requests, left.requests),
  tokens: plusLeft(block.tokens, left.tokens),
});

export const createBlocks = (parts: {
  readonly reach: Reach<OrganisationCalls>;
  readonly clock: Clock;
  readonly background: (work: Promise<unknown>) => void;
  readonly principalOf: (caller: Caller) => Principal;
}): Blocks => {
  const { reach, clock, background, principalOf } = parts;
  const heats = createHeat();
  /** By key. */
  const judgements = new Map<string, Judged>();
  const inFlight = createInFlight<Drawing & { readonly held: Held }>(
    ({ drawn }) => drawn.deadline + GRACE_MS,
  );

  /** Until the object has it, or has charged it: what nobody gives back counts as used. */
  const returned = async (
    place: Place,
    id: string,
    running: readonly DrawCall[],
  ): Promise<void> => {
    const giveUp = clock.now() + LEASE_GRACE_MS;
    for (;;) {
      const told = await reach(place, (object) => object.giveBack(id, running));
      if (told.ok || clock.now() >= giveUp) return;
      await sleep(clock, REST_MS);
    }
  };

  const giveBack = async (place: Place, heat: Heat, held: Held): Promise<void> => {
    heat.blocks = heat.blocks.filter((each) => each !== held);
    const running = [...held.running.values()].map((drawing) => ({
      ...drawing,
      facts: JSON.stringify(drawing.facts),
    }));
    await returned(place, held.id, running);
  };

  const judged: Blocks["judged"] = ({ key, revisions }, edition) => {
    const known = judgements.get(key);
    if (known?.edition === edition && known.revisions === revisions) return;
    remember(judgements, key, { edition, revisions }, MOST_JUDGED);
  };

  /** Under which edition the key may be admitted out of a block. */
  const editionOf = ({ key, revisions }: Caller): string | undefined => {
    const known = judgements.get(key);
    return known === undefined || isOlder(revisions, known.revisions) ? undefined : known.edition;
  };

  const lease = async (caller: Caller, heat: Heat, call: LeaseCall): Promise<void> => {
    const { id } = call.leasing;
    const until = clock.now() + LEASE_MS - EARLY_MS;
    const answer = await reach(caller, (object) => object.lease(call));
    heat.askedAt = undefined;
    if (!answer.ok || answer.value === undefined) {
      heat.refusedAt = clock.now();
      // It may have been given, and the answer lost.
      if (!answer.ok) await returned(caller, id, []);
      return;
    }
    const block = answer.value;
    judged(caller, block.edition);
    const { lineage: owner } = caller;
    const held: Held = { id, until, block, owner, left: block.cost, running: new Map() };
    heat.blocks.push(held);
    await sleep(clock, Math.max(0, until + REST_OF_ENDS_MS - clock.now()));
    await giveBack(caller, heat, held);
  };

  return {
    admit(caller, admission, facts) {
      const now = clock.now();
      const { rules, ways } = admission;
      const [option] = ways[0].options;
      const heat = heats.of(caller, rules, now);
      // Which way a request goes depends on budgets as they stand: the object knows.
      if (ways.length > 1 || !heats.isHot(heat, now)) return undefined;
      const cost = counted(rules, option.cost);
      if (heats.wantsBlock(heat, now)) {
        heat.askedAt = now;
        const id = `block_${crypto.randomUUID()}`;
        const row = JSON.stringify({ ...facts, request_id: id, client_request_id: null });
        const leasing = { id, rules, cost, most: heats.expected(heat) };
        const principal = principalOf(caller);
        background(lease(caller, heat, { principal, leasing, facts: row }));
      }
      const edition = editionOf(caller);
      const held = heat.blocks.find(
        ({ until, left, block }) => now < until && fits(cost, left) && block.edition === edition,
      );
      if (held === undefined) return undefined;
      held.left = minus(held.left, cost);
      const { id, deadline } = admission;
      const { model, floor } = option;
      const { owner } = held;
      const drawn: DrawnFrom = { id, lease: held.id, owner, cost, floor, deadline, model };
      const { lineage } = caller;
      held.running.set(id, { drawn, lineage, facts });
      inFlight.set(id, { drawn, lineage, facts, held }, now);
      return answerOf(admission, held);
    },

    drawing: inFlight.get,
    judged,

    ended(id) {
      inFlight.get(id)?.held.running.delete(id);
      inFlight.delete(id);
    },
  };
};
