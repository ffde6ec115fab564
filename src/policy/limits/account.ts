/**
 * Decides: what becomes of a reservation after its admission: progress, more of it, its end, and the end that
 * nobody told of (machines.md section 3).
 * Never: clamps what was used to what was held, and never counts the same end twice.
 */
import { type Cost, type LimitRule, NO_COST } from "../../domain/limit.ts";
import {
  type Charge,
  type Draft,
  type Hold,
  NO_CHARGE,
  type Reservation,
  type Seen,
} from "./book.ts";
import { type Actual, cameTo, NOTHING_USED, wasAsked } from "./came-to.ts";
import { evaluate, ownRules, sharedRules } from "./evaluate.ts";
import { settleHold, takeAll } from "./take.ts";
import { SLOT_LEASE_MS } from "./times.ts";
import { enlarge, turnsOf } from "./turn.ts";

/** The most that was seen at each target. */
const together = (
  before: Reservation["asked"],
  now: Reservation["asked"] = {},
): Reservation["asked"] => {
  const seen = Object.entries(now);
  if (seen.length === 0) return before;
  const all = seen.map(([model, charge]) => [model, larger(before?.[model] ?? NO_CHARGE, charge)]);
  return { ...before, ...Object.fromEntries(all) };
};

/** Versions of an end: the one that was guessed when nobody told of it, and the one that was told. */
export const EXPIRED_VERSION = 1;
export const TOLD_VERSION = 2;

const larger = (a: Charge, b: Charge): Charge => ({
  tokens: Math.max(a.tokens, b.tokens),
  nanoUsd: Math.max(a.nanoUsd, b.nanoUsd),
});

/** Replaces every hold, or every earlier charge, by what it came to. */
const charge = (draft: Draft, reservation: Reservation, actual: Actual, now: number): Hold[] => {
  const known = reservation.holds.flatMap((hold) => {
    const rule = draft.rule(hold.rule)?.rule;
    return rule === undefined ? [] : [{ ...hold, rule, hold }];
  });
  const amounts = cameTo(known, actual);
  const charges: Hold[] = [];
  for (const [at, { rule, hold }] of known.entries()) {
    const amount = amounts[at] ?? 0;
    if (reservation.state === "held") settleHold(draft, hold, amount, now);
    else settleHold(draft, { ...hold, amount: 0 }, amount - hold.amount, now);
    if (rule.unit !== "concurrent") charges.push({ ...hold, amount });
  }
  return charges;
};

/** True where the end is news: it was guessed at most. */
export const settle = (draft: Draft, id: string, actual: Actual, now: number): boolean => {
  const reservation = draft.reservation(id);
  if (reservation === undefined || reservation.version >= TOLD_VERSION) return false;
  charge(draft, reservation, actual, now);
  draft.putReservation({
    ...reservation,
    state: wasAsked(actual) ? "settled" : "released",
    // Nobody corrects what was told: which windows it fell into is not needed any more.
    holds: [],
    slotUntil: undefined,
    version: TOLD_VERSION,
  });
  return true;
};

/**
 * Ends a request of which nobody has told: its input is charged, or as much as was seen of it. `model`: whom it
 * was admitted for; its own rules are charged where nobody has told who was asked.
 */
export const expire = (
  draft: Draft,
  id: string,
  model: string,
  now: number,
): Charge | undefined => {
  const reservation = draft.reservation(id);
  if (reservation?.state !== "held" || now < reservation.expiresAt) return undefined;
  const total = larger(reservation.floor, reservation.highWater);
  const byModel = reservation.asked ?? { [model]: total };
  const holds = charge(draft, reservation, { total, byModel }, now);
  draft.putReservation({
    ...reservation,
    state: "expired",
    holds,
    slotUntil: undefined,
    version: EXPIRED_VERSION,
  });
  return total;
};

const isSlot = (draft: Draft, hold: Hold): boolean =>
  draft.rule(hold.rule)?.rule.unit === "concurrent";

/** Takes back the slots of a request that has not renewed them in time. */
export const sweepSlots = (draft: Draft, id: string, now: number): void => {
  const reservation = draft.reservation(id);
  if (reservation?.slotUntil === undefined || now < reservation.slotUntil) return;
  const holds = reservation.holds.map((hold) => {
    if (!isSlot(draft, hold)) return hold;
    settleHold(draft, hold, 0, now);
    return { ...hold, amount: 0 };
  });
  draft.putReservation({ ...reservation, holds, slotUntil: undefined });
};

/** Slots that were swept are taken again where there is room; else the request goes on above the limit. */
const regain = (draft: Draft, reservation: Reservation, now: number): Reservation => {
  const lost = reservation.holds.filter((hold) => isSlot(draft, hold) && hold.amount === 0);
  if (lost.length === 0) return reservation;
  const rules = lost.flatMap(({ rule }) => draft.rule(rule)?.rule ?? []);
  const cost: Cost = { ...NO_COST, slots: 1 };
  if (evaluate(draft, rules, cost, now).obstacles.length > 0) return { ...reservation, over: true };
  const { holds } = takeAll(draft, rules, cost, undefined, now);
  const kept = reservation.holds.filter((hold) => !lost.includes(hold));
  return { ...reservation, holds: [...kept, ...holds], slotUntil: now + SLOT_LEASE_MS };
};

/** What was seen so far; renews the slots. False where the request is no longer held. */
export const progress = (draft: Draft, id: string, seen: Seen, now: number): boolean => {
  const reservation = draft.reservation(id);
  if (reservation?.state !== "held") return false;
  const slotUntil = reservation.slotUntil === undefined ? undefined : now + SLOT_LEASE_MS;
  const renewed = regain(draft, { ...reservation, slotUntil }, now);
  const highWater = larger(reservation.highWater, seen);
  draft.putReservation({ ...renewed, highWater, asked: together(reservation.asked, seen.byModel) });
  return true;
};

/** More of a reservation, for one more attempt. `more`: beyond what is held; `own`: for the target's own rules. */
export type Extension = {
  /** Asking twice under one name is asking once. */
  readonly name?: string | undefined;
  readonly model: string;
  readonly rules: readonly LimitRule[];
  readonly more: Charge;
  readonly own: Cost;
  /** What is charged of the request if nobody tells how it goes on. */
  readonly floor?: Actual;
};

/** All or nothing: false where some rule has no room, or the request is no longer held. */
export const extend = (draft: Draft, id: string, extension: Extension, now: number): boolean => {
  const reservation = draft.reservation(id);
  if (reservation?.state !== "held") return false;
  const { name, model, rules, more, floor = NOTHING_USED } = extension;
  const { extended = [] } = reservation;
  if (name !== undefined && extended.includes(name)) return true;
  const cost: Cost = { requests: 0, ...more, slots: 0 };
  const shared = turnsOf(reservation.holds, sharedRules(rules), cost, undefined);
  const own = turnsOf(reservation.holds, ownRules(rules, model), extension.own, model);
  if (!shared.fits || !own.fits) return false;
  if (evaluate(draft, shared.others, cost, now).obstacles.length > 0) return false;
  if (evaluate(draft, own.others, extension.own, now).obstacles.length > 0) return false;
  const holds = enlarge(draft, reservation.holds, [...shared.grown, ...own.grown], now);
  const ofAll = takeAll(draft, shared.others, cost, undefined, now);
  const ofOwn = takeAll(draft, own.others, extension.own, model, now);
  const hasSlot = ofOwn.holds.some((hold) => isSlot(draft, hold));
  draft.putReservation({
    ...reservation,
    holds: [...holds, ...ofAll.holds, ...ofOwn.holds],
    ...(name === undefined ? {} : { extended: [...extended, name] }),
    asked: together(reservation.asked, floor.byModel),
    floor: larger(reservation.floor, floor.total),
    slotUntil: hasSlot ? now + SLOT_LEASE_MS : reservation.slotUntil,
  });
  return true;
};
