/**
 * Decides: how large a block of an organisation's limits an isolate may have in advance, and how it is used up
 * and given back (machines.md section 0).
 * Never: lets more through than one-by-one admission would: a block is a hold, and none is given of a limit
 * that is nearly used.
 */
import { amountFor, type Cost, type LimitRule } from "../../domain/limit.ts";
import { type Charge, type Draft, type Hold, NO_CHARGE, type Reservation } from "./book.ts";
import { COUNTERS } from "./counters.ts";
import { sharedRules } from "./evaluate.ts";
import { lengthOf } from "./period.ts";
import { settleHold, takeAll } from "./take.ts";
import { GRACE_MS, LEASE_GRACE_MS, LEASE_MS, SLOT_LEASE_MS } from "./times.ts";

/** What remains of a limit for leasing to go on, and what a block takes of it at most. */
const LEAST_LEFT = 0.2;
const MOST_OF_REST = 0.05;
/** Requests in a block where no limit says less: more than an isolate serves in a block's life. */
const MOST_REQUESTS = 10_000;
/** Below this a block saves nothing. */
const FEWEST_REQUESTS = 2;

/** Of limits that flow, what flows in a block's life; of budgets and slots a share of the rest. */
const mostOf = (rule: LimitRule, remaining: number): number => {
  const share = remaining * MOST_OF_REST;
  if (rule.kind === "calendar" || rule.kind === "slots") return share;
  return Math.min(share, (rule.max * LEASE_MS) / lengthOf(rule));
};

export type Leasing = {
  readonly id: string;
  readonly rules: readonly LimitRule[];
  /** Of one request, as the isolate has lately seen them. */
  readonly cost: Cost;
  /** Requests that the isolate may see in a block's life: what a lost one charges stays near what was used. */
  readonly most?: number;
};

/** How many requests of that cost a block may hold; 0: they are admitted one by one. */
const sizeFor = (draft: Draft, { rules, cost, most }: Leasing, now: number): number => {
  let size = Math.min(MOST_REQUESTS, most ?? MOST_REQUESTS);
  for (const rule of rules) {
    const amount = amountFor(rule, cost);
    if (amount === 0) continue;
    // Limits that make wait and limits that are tried out need a look at each request.
    if (rule.kind === "leaky" || rule.mode === "shadow") return 0;
    const { remaining } = COUNTERS[rule.kind].standing(draft.rule(rule.id)?.state, rule, now);
    if (remaining < rule.max * LEAST_LEFT) return 0;
    size = Math.min(size, Math.floor(mostOf(rule, remaining) / amount));
  }
  return size < FEWEST_REQUESTS ? 0 : size;
};

const times = (cost: Cost, count: number): Cost => ({
  requests: cost.requests * count,
  tokens: cost.tokens * count,
  nanoUsd: cost.nanoUsd * count,
  slots: cost.slots * count,
});

/** The block; undefined where none is given. The isolate may use it for LEASE_MS from its asking on. */
export const grant = (draft: Draft, leasing: Leasing, now: number): Cost | undefined => {
  const { id, cost } = leasing;
  const known = draft.reservation(id);
  // Asked again because the answer was lost: another block would leave the first one held for good.
  if (known !== undefined) return known.state === "held" ? known.cost : undefined;
  // Limits of single targets need a look at each request, also at one that takes nothing of them.
  if (leasing.rules.length !== sharedRules(leasing.rules).length) return undefined;
  const size = sizeFor(draft, leasing, now);
  if (size === 0) return undefined;
  const block = times(cost, size);
  const { holds } = takeAll(draft, leasing.rules, block, undefined, now);
  draft.putReservation({
    id,
    state: "held",
    holds,
    cost: block,
    floor: block,
    highWater: NO_CHARGE,
    slotUntil: undefined,
    expiresAt: now + LEASE_MS + LEASE_GRACE_MS,
    version: 0,
    answer: undefined,
  });
  return block;
};

export const isBlock = ({ answer }: Reservation): boolean => answer === undefined;

/** The part of a block's hold that requests have used; what is left of a hold may not be enough. */
export const partOf = (draft: Draft, hold: Hold, cost: Cost): number => {
  const rule = draft.rule(hold.rule)?.rule;
  return rule === undefined ? 0 : Math.min(hold.amount, amountFor(rule, cost));
};

/** The block without what requests that were admitted out of it have taken. */
export const without = (draft: Draft, block: Reservation, cost: Cost): Reservation => ({
  ...block,
  holds: block.holds.map((hold) => ({ ...hold, amount: hold.amount - partOf(draft, hold, cost) })),
});

/** A request that was admitted out of a block, moved into a reservation of its own. */
export type Drawn = {
  readonly id: string;
  readonly lease: string;
  readonly cost: Cost;
  readonly floor: Charge;
  readonly deadline: number;
  readonly model: string;
};

/**
 * After this the request is held like any other. A block that was charged already (its isolate was slow)
 * gives what it was charged for the request back to it; its version says that its charge has changed.
 */
export const draw = (draft: Draft, drawn: Drawn, now: number): void => {
  const block = draft.reservation(drawn.lease);
  if (block === undefined || draft.reservation(drawn.id) !== undefined) return;
  const holds = block.holds.map((hold) => ({ ...hold, amount: partOf(draft, hold, drawn.cost) }));
  const isHeld = block.state === "held";
  // Of a block that was swept the charge becomes a hold again; its slots are free and stay so.
  if (!isHeld) for (const hold of holds) unspend(draft, hold, now);
  const version = isHeld ? block.version : block.version + 1;
  draft.putReservation({ ...without(draft, block, drawn.cost), version });
  draft.putReservation({
    id: drawn.id,
    state: "held",
    holds,
    cost: drawn.cost,
    floor: drawn.floor,
    highWater: NO_CHARGE,
    slotUntil: drawn.cost.slots > 0 ? now + SLOT_LEASE_MS : undefined,
    expiresAt: drawn.deadline + GRACE_MS,
    version: 0,
    answer: { models: [drawn.model] },
  });
};

/** Turns a charge into a hold of the same size, at once: a window that is empty in between is forgotten. */
const unspend = (draft: Draft, hold: Hold, now: number): void =>
  settleHold(draft, { ...hold, amount: -hold.amount }, -hold.amount, now);

/** Gives back what is left of a block. */
export const giveBack = (draft: Draft, id: string, now: number): void => {
  const block = draft.reservation(id);
  if (block?.state !== "held") return;
  for (const hold of block.holds) settleHold(draft, hold, 0, now);
  draft.putReservation({ ...block, state: "released", holds: [], version: 1 });
};

/** What a block that was swept is charged for, without what has been drawn from it since. */
export const chargedFor = (draft: Draft, { holds }: Reservation): Charge => {
  const most = (unit: LimitRule["unit"]): number =>
    holds.reduce(
      (sum, hold) => (draft.rule(hold.rule)?.rule.unit === unit ? Math.max(sum, hold.amount) : sum),
      0,
    );
  return { tokens: most("tokens"), nanoUsd: most("usd") };
};

/** Charges what is left of a block that nobody gave back: as if it had been used. Its slots are free. */
export const charge = (draft: Draft, id: string, now: number): Charge | undefined => {
  const block = draft.reservation(id);
  if (block?.state !== "held" || now < block.expiresAt) return undefined;
  const holds = block.holds.map((hold) => {
    const unit = draft.rule(hold.rule)?.rule.unit;
    const amount = unit === "concurrent" ? 0 : hold.amount;
    settleHold(draft, hold, amount, now);
    return { ...hold, amount };
  });
  const charged: Reservation = { ...block, state: "expired", holds, version: 1 };
  draft.putReservation(charged);
  return chargedFor(draft, charged);
};
