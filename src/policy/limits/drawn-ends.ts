/**
 * Decides: how requests that were admitted out of a block, and whose ends come together, are charged: in one sum
 * for each limit, so that a hundred limits above a hundred requests are written once.
 * Never: charges one that holds something of its own, or whose block was charged or given back before.
 */
import { amountFor, type Cost, NO_COST, plusCost } from "../../domain/limit.ts";
import { TOLD_VERSION } from "./account.ts";
import { type Draft, NO_CHARGE, type Reservation } from "./book.ts";
import { type Actual, wasAsked } from "./came-to.ts";
import { type Drawn, partOf, without } from "./lease.ts";
import { settleHold } from "./take.ts";

export type DrawnEnd = {
  readonly id: string;
  /** Undefined where it was not admitted out of a block. */
  readonly drawn: Drawn | undefined;
  readonly actual: Actual;
};

/** A request whose end was told, and that holds nothing. */
export const ended = (id: string, state: "settled" | "released"): Reservation => ({
  id,
  state,
  holds: [],
  cost: NO_COST,
  floor: NO_CHARGE,
  highWater: NO_CHARGE,
  slotUntil: undefined,
  expiresAt: 0,
  version: TOLD_VERSION,
  answer: undefined,
});

const usedBy = (actual: Actual): Cost => ({
  ...{ requests: Number(wasAsked(actual)), slots: 0 },
  ...actual.total,
});

type Sum = { readonly block: Reservation; readonly held: Cost; readonly used: Cost };

/** The ids of those that are charged now; each of the others has to be charged by itself. */
export const chargeTogether = (
  draft: Draft,
  ends: readonly DrawnEnd[],
  now: number,
): ReadonlySet<string> => {
  const sums = new Map<string, Sum>();
  const charged = new Set<string>();
  for (const { id, drawn, actual } of ends) {
    if (drawn === undefined || draft.reservation(id) !== undefined) continue;
    const block = draft.reservation(drawn.lease);
    if (block?.state !== "held") continue;
    const { held, used } = sums.get(block.id) ?? { held: NO_COST, used: NO_COST };
    sums.set(block.id, {
      block,
      held: plusCost(held, drawn.cost),
      used: plusCost(used, usedBy(actual)),
    });
    draft.putReservation(ended(id, wasAsked(actual) ? "settled" : "released"));
    charged.add(id);
  }
  for (const { block, held, used } of sums.values()) {
    for (const hold of block.holds) {
      const entry = draft.rule(hold.rule);
      if (entry === undefined) continue;
      const part = { ...hold, amount: partOf(draft, hold, held) };
      settleHold(draft, part, amountFor(entry.rule, used), now);
    }
    draft.putReservation(without(draft, block, held));
  }
  return charged;
};
