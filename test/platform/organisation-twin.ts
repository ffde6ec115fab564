/**
 * Decides: nothing: the account of an organisation by the pure functions alone, over a book in memory: what
 * the real object has to agree with, however often it is put away.
 * Never: stores anything, and never sees the object.
 */
import type { LedgerRow } from "../../src/domain/ledger-row.ts";
import type { AdmitCall, EndCall } from "../../src/platform/objects/organisation-calls.ts";
import {
  type Extension,
  expire,
  extend,
  progress,
  settle,
  sweepSlots,
  TOLD_VERSION,
} from "../../src/policy/limits/account.ts";
import type { Admitted, Denied } from "../../src/policy/limits/admission.ts";
import { admit } from "../../src/policy/limits/admit.ts";
import { type Charge, draftOf } from "../../src/policy/limits/book.ts";
import { COUNTERS } from "../../src/policy/limits/counters.ts";
import {
  charge,
  chargedFor,
  type Drawn,
  draw,
  giveBack,
  grant,
  isBlock,
  type Leasing,
} from "../../src/policy/limits/lease.ts";
import { createKept } from "../laws/account-kept.ts";

/** What the ledger has to say of a request that has ended. */
export type Ended = Pick<LedgerRow, "version" | "status" | "estimated" | "cost_nano_usd" | "at">;

export const createTwin = () => {
  const { book, commit } = createKept();
  const ids = new Set<string>();
  const rules = new Set<string>();
  const rows = new Map<string, Ended>();
  const admittedAt = new Map<string, number>();

  const change = <T>(work: (draft: ReturnType<typeof draftOf>) => T): T => {
    const draft = draftOf(book);
    const result = work(draft);
    for (const id of draft.rules.keys()) rules.add(id);
    for (const id of draft.reservations.keys()) ids.add(id);
    commit(draft, true);
    return result;
  };

  const guess = (id: string, { nanoUsd }: Charge, version: number): void => {
    const at = admittedAt.get(id) ?? 0;
    rows.set(id, { version, status: 500, estimated: true, cost_nano_usd: nanoUsd, at });
  };

  /** Of a block that was charged: what is left of its charge. */
  const eased = (lease: string): void => {
    const block = book.reservation(lease);
    if (block?.state === "expired") {
      guess(lease, chargedFor(draftOf(book), block), block.version);
    }
  };

  const drawAll = (running: readonly Drawn[], now: number): void => {
    for (const drawn of running) {
      if (book.reservation(drawn.id) !== undefined) continue;
      change((draft) => draw(draft, drawn, now));
      if (book.reservation(drawn.id) !== undefined) eased(drawn.lease);
    }
  };

  return {
    book,
    rows,
    ids,
    /** When a request that was admitted elsewhere came. */
    note: (id: string, at: number): void => void admittedAt.set(id, at),
    cameAt: (id: string): number => admittedAt.get(id) ?? 0,

    admit({ admission, facts }: AdmitCall, now: number): Admitted | Denied {
      if (!ids.has(admission.id)) admittedAt.set(admission.id, (JSON.parse(facts) as LedgerRow).at);
      return change((draft) => admit(draft, admission, now));
    },
    extend: (id: string, extension: Extension, now: number): boolean =>
      change((draft) => extend(draft, id, extension, now)),
    progress: (id: string, seen: Charge, now: number): boolean =>
      change((draft) => progress(draft, id, seen, now)),

    end({ id, drawn, actual, row }: EndCall, now: number): void {
      if (drawn !== undefined) drawAll([drawn], now);
      if (!change((draft) => settle(draft, id, actual, now))) return;
      const { status, estimated, cost_nano_usd, at } = row;
      rows.set(id, { version: TOLD_VERSION, status, estimated, cost_nano_usd, at });
    },

    lease(leasing: Leasing, at: number, now: number) {
      admittedAt.set(leasing.id, at);
      return change((draft) => grant(draft, leasing, now));
    },
    giveBack(id: string, running: readonly Drawn[], now: number): void {
      drawAll(running, now);
      change((draft) => giveBack(draft, id, now));
    },

    /** What the alarm finds to do. */
    sweep(now: number): void {
      for (const id of ids) {
        const held = book.reservation(id);
        if (held?.state !== "held") continue;
        const model = isBlock(held) ? "" : ((held.answer as Admitted).models[0] ?? "");
        const charged = change((draft) =>
          isBlock(held) ? charge(draft, id, now) : expire(draft, id, model, now),
        );
        if (charged === undefined) change((draft) => sweepSlots(draft, id, now));
        else guess(id, charged, 1);
      }
    },

    /** As the object's `limits()` tells it. */
    view(now: number) {
      const held = [...ids].flatMap((id) => {
        const one = book.reservation(id);
        return one?.state === "held" ? [one] : [];
      });
      const standings = [...rules].sort().map((id) => {
        const entry = book.rule(id);
        if (entry === undefined) throw new Error(`no rule ${id}`);
        const { used, held: open } = COUNTERS[entry.rule.kind].standing(
          entry.state,
          entry.rule,
          now,
        );
        return [id, used, open] as const;
      });
      const slots = held.filter(({ slotUntil }) => slotUntil !== undefined).length;
      return { standings, reservations: held.length, slots };
    },

    /** Nano-USD of all that has ended on days that begin like that. */
    spent: (begins: string): number =>
      [...rows.values()]
        .filter(({ at }) => new Date(at).toISOString().startsWith(begins))
        .reduce((sum, { cost_nano_usd }) => sum + (cost_nano_usd ?? 0), 0),
  };
};
