/**
 * Decides: what becomes of every request by the oracle's own bookkeeping: its parts, one for each limit, and
 * where they go (machines.md sections 2 to 4).
 * Never: asks the account that it is compared with.
 */
import { amountFor, type Cost, type LimitRule } from "../../src/domain/limit.ts";
import type { Extension } from "../../src/policy/limits/account.ts";
import type { Admission } from "../../src/policy/limits/admission.ts";
import type { Charge, Seen } from "../../src/policy/limits/book.ts";
import { type Actual, NOTHING_USED } from "../../src/policy/limits/came-to.ts";
import type { Drawn } from "../../src/policy/limits/lease.ts";
import { type Entry, isSlot, NOTHING, newEntry, type Part, turnOf } from "./account-entry.ts";
import { type Count, oracleOf } from "./account-oracle.ts";

const SLOT_MS = 90_000;

const most = (one: Charge, other: Charge): Charge => ({
  tokens: Math.max(one.tokens, other.tokens),
  nanoUsd: Math.max(one.nanoUsd, other.nanoUsd),
});

/** What each of them has been seen to do. */
const ask = (entry: Entry, seen: Actual["byModel"]): void => {
  for (const [model, charge] of Object.entries(seen)) {
    entry.asked[model] = most(entry.asked[model] ?? NOTHING, charge);
  }
};

export const createOracle = (rules: readonly LimitRule[], start: number) => {
  const counts = new Map<string, Count>(rules.map((rule) => [rule.id, oracleOf(rule, start)]));
  const entries = new Map<string, Entry>();
  const countOf = ({ id }: LimitRule): Count => {
    const count = counts.get(id);
    if (count === undefined) throw new Error(`no such rule: ${id}`);
    return count;
  };
  const shared = rules.filter(({ models }) => models === undefined);
  const own = (model: string) => rules.filter(({ models }) => models?.includes(model));
  const hasRoom = (some: readonly LimitRule[], cost: Cost, now: number): boolean =>
    some.every((rule) => {
      const amount = amountFor(rule, cost);
      return amount === 0 || rule.mode === "shadow" || countOf(rule).fits(amount, now);
    });
  const take = (
    some: readonly LimitRule[],
    cost: Cost,
    model: string | undefined,
    now: number,
  ): Part[] =>
    some.flatMap((rule) => {
      const amount = amountFor(rule, cost);
      return amount === 0 ? [] : [{ rule, window: countOf(rule).take(amount, now), model, amount }];
    });
  /** What one rule counts of an end; `model`: whose own rule it is. */
  const cameTo = ({ unit }: LimitRule, model: string | undefined, actual: Actual): number => {
    const asked = Object.keys(actual.byModel);
    const of = model === undefined ? actual.total : actual.byModel[model];
    if (unit === "requests")
      return Number(model === undefined ? asked.length > 0 : of !== undefined);
    if (unit === "concurrent") return 0;
    return (unit === "tokens" ? of?.tokens : of?.nanoUsd) ?? 0;
  };

  const conclude = (entry: Entry, actual: Actual, now: number): void => {
    const amounts = new Map<Part, number>();
    const groups = Map.groupBy(entry.parts, ({ rule, model }) => `${rule.id} ${model}`);
    for (const parts of groups.values()) {
      for (const [at, part] of parts.entries()) {
        const all = cameTo(part.rule, part.model, actual);
        const before = parts.slice(0, at).reduce((sum, { amount }) => sum + amount, 0);
        const rest = Math.max(0, all - before);
        amounts.set(part, at === parts.length - 1 ? rest : Math.min(rest, part.amount));
      }
    }
    // In their order: a bucket that has run empty meanwhile forgets what is given back to it, not what is taken after.
    for (const part of entry.parts) {
      const amount = amounts.get(part) ?? 0;
      const [held, change] =
        entry.state === "held" ? [part.amount, amount] : [0, amount - part.amount];
      countOf(part.rule).replace(part.window, held, change, now);
      part.amount = amount;
    }
    entry.parts = entry.parts.filter((part) => !isSlot(part));
    entry.slotUntil = undefined;
  };

  return {
    entries,
    countOf,

    /** The model that it would be held for, with those beside it; undefined where it is denied. */
    admit(admission: Admission, now: number): readonly string[] | undefined {
      const [wanted] = admission.ways[0].options;
      const share = [...shared, ...own(wanted.model)].map((rule) => {
        if (rule.unit !== "usd" || rule.mode !== "on") return 0;
        return (countOf(rule).used(now) + countOf(rule).held(now)) / rule.max;
      });
      const ways = admission.ways.filter(({ from }) => from <= Math.max(0, ...share));
      const { options } = ways.at(-1) ?? admission.ways[0];
      const open = options.filter(({ model, cost }) => hasRoom(own(model), cost, now));
      const [first] = open;
      if (first === undefined || !hasRoom(shared, first.cost, now)) return undefined;
      const { model, cost, floor } = first;
      const parts = [...take(shared, cost, undefined, now), ...take(own(model), cost, model, now)];
      const slotUntil = [...shared, ...own(model)].some(({ unit }) => unit === "concurrent")
        ? now + SLOT_MS
        : undefined;
      const expiresAt = admission.deadline + 60_000;
      entries.set(admission.id, newEntry({ parts, floor, model, expiresAt, slotUntil }));
      return open.map((option) => option.model);
    },

    extend(id: string, extension: Extension, now: number): boolean {
      const entry = entries.get(id);
      if (entry?.state !== "held") return false;
      const { name, model, more, own: ofOwn, floor = NOTHING_USED } = extension;
      if (name !== undefined && entry.extended.has(name)) return true;
      const cost: Cost = { requests: 0, ...more, slots: 0 };
      const wanted = [
        ...shared.map((rule) => ({ rule, size: cost, whose: undefined })),
        ...own(model).map((rule) => ({ rule, size: ofOwn, whose: model })),
      ].map((each) => ({ ...each, turn: turnOf(entry, each.rule, each.whose) }));
      for (const { rule, size, turn } of wanted) {
        const amount = amountFor(rule, size);
        const isTooLarge =
          amount > 0 && rule.mode === "on" && (turn?.amount ?? 0) + amount > rule.max;
        if (turn === undefined ? !hasRoom([rule], size, now) : isTooLarge) return false;
      }
      for (const { rule, size, whose, turn } of wanted) {
        if (turn === undefined) {
          const parts = take([rule], size, whose, now);
          if (parts.some(isSlot) && whose !== undefined) entry.slotUntil = now + SLOT_MS;
          entry.parts.push(...parts);
          continue;
        }
        const amount = turn.amount + amountFor(rule, size);
        countOf(rule).replace(turn.window, turn.amount, amount, now);
        turn.amount = amount;
      }
      if (name !== undefined) entry.extended.add(name);
      entry.floor = most(entry.floor, floor.total);
      ask(entry, floor.byModel);
      return true;
    },

    progress(id: string, seen: Seen, now: number): boolean {
      const entry = entries.get(id);
      if (entry?.state !== "held") return false;
      entry.seen = most(entry.seen, seen);
      ask(entry, seen.byModel ?? {});
      if (entry.slotUntil !== undefined) entry.slotUntil = now + SLOT_MS;
      const lost = entry.parts.filter((part) => isSlot(part) && part.amount === 0);
      const cost: Cost = { requests: 0, ...NOTHING, slots: 1 };
      const wanted = lost.map(({ rule }) => rule);
      if (lost.length === 0 || !hasRoom(wanted, cost, now)) return true;
      const kept = entry.parts.filter((part) => !lost.includes(part));
      entry.parts = [...kept, ...take(wanted, cost, undefined, now)];
      entry.slotUntil = now + SLOT_MS;
      return true;
    },

    sweep(id: string, now: number): void {
      const entry = entries.get(id);
      if (entry?.slotUntil === undefined || now < entry.slotUntil) return;
      entry.slotUntil = undefined;
      for (const part of entry.parts.filter(isSlot)) {
        countOf(part.rule).replace(part.window, part.amount, 0, now);
        part.amount = 0;
      }
    },

    /** True where it is news. */
    end(id: string, actual: Actual, now: number): boolean {
      const entry = entries.get(id);
      if (entry === undefined || entry.told) return false;
      conclude(entry, actual, now);
      entry.state = "ended";
      entry.told = true;
      return true;
    },

    expire(id: string, now: number): boolean {
      const entry = entries.get(id);
      if (entry?.state !== "held" || now < entry.expiresAt) return false;
      const total = most(entry.floor, entry.seen);
      const isKnown = Object.keys(entry.asked).length > 0;
      conclude(entry, { total, byModel: isKnown ? entry.asked : { [entry.model]: total } }, now);
      entry.state = "guessed";
      return true;
    },

    /** A block of that size: how large it is was decided elsewhere. */
    grant(id: string, block: Cost, now: number): void {
      const parts = take(shared, block, undefined, now);
      const expiresAt = now + 12_000;
      entries.set(
        id,
        newEntry({ parts, floor: block, model: "", expiresAt, slotUntil: undefined }),
      );
    },

    /** Its part of the block becomes its own; of a charged block the charge is a hold again. */
    draw({ id, lease, cost, floor, model, deadline }: Drawn, now: number): void {
      const block = entries.get(lease);
      if (block === undefined || entries.has(id)) return;
      const parts = block.parts.map((part) => {
        const amount = Math.min(part.amount, amountFor(part.rule, cost));
        part.amount -= amount;
        if (block.state !== "held") {
          countOf(part.rule).replace(part.window, -amount, -amount, now);
        }
        return { ...part, amount };
      });
      const slotUntil = cost.slots > 0 ? now + SLOT_MS : undefined;
      const expiresAt = deadline + 60_000;
      entries.set(id, newEntry({ parts, floor, model, expiresAt, slotUntil }));
    },

    giveBack(id: string, now: number): void {
      const block = entries.get(id);
      if (block?.state !== "held") return;
      for (const { rule, window, amount } of block.parts) {
        countOf(rule).replace(window, amount, 0, now);
      }
      Object.assign(block, { state: "ended", parts: [] });
    },

    charge(id: string, now: number): void {
      const block = entries.get(id);
      if (block?.state !== "held" || now < block.expiresAt) return;
      for (const part of block.parts) {
        const held = part.amount;
        if (isSlot(part)) part.amount = 0;
        countOf(part.rule).replace(part.window, held, part.amount, now);
      }
      block.state = "guessed";
    },
  };
};
