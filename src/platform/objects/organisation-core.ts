/**
 * Decides: how each call changes the account, the ledger and the outbox together: read, decide, write, all in
 * one turn (machines.md sections 0, 2, 3).
 * Never: waits for anything, and leaves no trace of a request that it denies.
 */
import type { LimitRule } from "../../domain/limit.ts";
import type { Board } from "../../policy/cache/board.ts";
import {
  type Extension,
  expire,
  extend,
  progress,
  settle,
  sweepSlots,
  TOLD_VERSION,
} from "../../policy/limits/account.ts";
import type { Admission, Admitted, Denied } from "../../policy/limits/admission.ts";
import { admit } from "../../policy/limits/admit.ts";
import type { Draft, Reservation, Seen } from "../../policy/limits/book.ts";
import type { Standing } from "../../policy/limits/counter.ts";
import { COUNTERS } from "../../policy/limits/counters.ts";
import { chargeTogether, ended } from "../../policy/limits/drawn-ends.ts";
import { expiredRow } from "../../policy/limits/expired-row.ts";
import { charge, draw, giveBack, grant, isBlock } from "../../policy/limits/lease.ts";
import { nearest } from "../../policy/limits/nearest.ts";
import { LEASE_GRACE_MS, LEASE_MS } from "../../policy/limits/times.ts";
import type { Account, Facts, Texts } from "./organisation-account.ts";
import { doAll } from "./organisation-alarm.ts";
import type {
  AdmitCall,
  Block,
  DrawCall,
  EndCall,
  LeaseCall,
  LimitsView,
} from "./organisation-calls.ts";
import { easedBlocks } from "./organisation-eased.ts";
import type { Entry, Ledger } from "./organisation-ledger.ts";

export type CoreParts = {
  readonly account: Account;
  readonly ledger: Ledger;
  readonly now: () => number;
  readonly transaction: (work: () => void) => void;
  /** Which of equal requests goes ahead; undefined: none has been announced yet. */
  readonly board?: () => Board | undefined;
  /** Something is due at this time (milliseconds since the epoch). */
  readonly wakeBy: (at: number) => void;
};

const dueAt = ({ expiresAt, slotUntil }: Reservation): number =>
  Math.min(expiresAt, slotUntil ?? expiresAt);

export const createCore = (parts: CoreParts) => {
  const { account, ledger, now, transaction, wakeBy } = parts;
  const commit = (draft: Draft, rows?: Texts, entries: readonly Entry[] = []): void => {
    const arrivals = new Map(entries.map(({ row }) => [row.request_id, row.at]));
    transaction(() => {
      account.write(draft, now(), rows, arrivals);
      ledger.enter(entries);
    });
    account.adopt(draft);
  };

  const enterAll = (draft: Draft, entries: readonly Facts[], facts: Texts = new Map()): void => {
    const before = entries.map(({ row: { request_id: id } }) => {
      const known = account.book.reservation(id);
      // A request that is held, or that nobody knows, has no row yet.
      const hasRow = known !== undefined && known.state !== "held";
      return hasRow ? (ledger.row(id)?.cost_nano_usd ?? 0) : 0;
    });
    const ended = entries.map(({ row }) => [row.request_id, JSON.stringify(row)] as const);
    const rows = new Map([...facts, ...ended]);
    commit(
      draft,
      rows,
      entries.map((entry, at) => ({ ...entry, before: before[at] ?? 0 })),
    );
  };

  const expireOne = (held: Reservation): void => {
    const at = now();
    const draft = account.draft();
    const charged = isBlock(held)
      ? charge(draft, held.id, at)
      : expire(draft, held.id, (held.answer as Admitted).models[0], at);
    if (charged === undefined) {
      sweepSlots(draft, held.id, at);
      commit(draft);
      return;
    }
    const { lineage, row } = account.facts(held.id);
    enterAll(draft, [{ lineage, row: expiredRow(row, held.floor, charged) }]);
  };

  const drawAll = (draft: Draft, running: readonly DrawCall[]): Map<string, string> => {
    const facts = new Map<string, string>();
    account.look(running.map(({ drawn }) => drawn.id));
    for (const { drawn, lineage, facts: row } of running) {
      if (draft.reservation(drawn.id) !== undefined) continue;
      draw(draft, drawn, now());
      const made = draft.reservation(drawn.id);
      if (made === undefined) continue;
      facts.set(drawn.id, JSON.stringify({ lineage, facts: row }));
      wakeBy(dueAt(made));
    }
    return facts;
  };

  return {
    /** In their order, each above what those before it have taken; written together. */
    admit(calls: readonly AdmitCall[]): readonly (Admitted | Denied)[] {
      const at = now();
      const draft = account.draft();
      const board = parts.board?.();
      const answers = calls.map(({ admission }) => {
        const decide = (asked: Admission) => admit(draft, asked, at);
        return board === undefined ? decide(admission) : board.admit(admission, at, decide);
      });
      if (draft.reservations.size === 0) return answers;
      const rows = new Map<string, string>();
      for (const { admission, facts, principal } of calls) {
        if (!draft.reservations.has(admission.id)) continue;
        rows.set(admission.id, JSON.stringify({ lineage: principal.lineage, facts }));
      }
      commit(draft, rows);
      for (const made of draft.reservations.values()) wakeBy(dueAt(made));
      return answers;
    },

    extend(id: string, extension: Extension): boolean {
      const draft = account.draft();
      if (!extend(draft, id, extension, now())) return false;
      commit(draft);
      return true;
    },

    progress(id: string, seen: Seen): boolean {
      const draft = account.draft();
      if (!progress(draft, id, seen, now())) return false;
      commit(draft);
      return true;
    },

    end(ends: readonly EndCall[]): void {
      account.look(ends.map(({ id }) => id));
      const draft = account.draft();
      const together = new Set(chargeTogether(draft, ends, now()));
      const news = ends.filter(({ id, drawn, actual }) => {
        // Told twice at once, it is news once.
        if (together.delete(id)) return true;
        if (drawn !== undefined) draw(draft, drawn, now());
        if (draft.reservation(id) !== undefined) {
          return settle(draft, id, actual, now());
        }
        // Admitted while the object could not be reached: it has a row and holds nothing.
        draft.putReservation(ended(id, "settled"));
        return true;
      });
      if (news.length === 0) return;
      const told = news.map(({ row, lineage }) => ({
        lineage,
        row: { ...row, version: TOLD_VERSION },
      }));
      enterAll(draft, [...told, ...easedBlocks(draft, ledger, news)]);
    },

    lease({ leasing, facts, principal }: LeaseCall): Omit<Block, "edition"> | undefined {
      const at = now();
      const draft = account.draft();
      const cost = grant(draft, leasing, at);
      if (cost === undefined) return undefined;
      const { lineage } = principal;
      commit(draft, new Map([[leasing.id, JSON.stringify({ lineage, facts })]]));
      wakeBy(at + LEASE_MS + LEASE_GRACE_MS);
      const near = (unit: "requests" | "tokens") => nearest(account.book, leasing.rules, unit, at);
      return { cost, requests: near("requests"), tokens: near("tokens") };
    },

    /** Requests that were admitted out of a block become reservations of their own. */
    draw(running: readonly DrawCall[]): void {
      const draft = account.draft();
      const facts = drawAll(draft, running);
      enterAll(draft, easedBlocks(draft, ledger, running), facts);
    },

    giveBack(id: string, running: readonly DrawCall[]): void {
      const draft = account.draft();
      const facts = drawAll(draft, running);
      giveBack(draft, id, now());
      enterAll(draft, easedBlocks(draft, ledger, running), facts);
    },

    /** Charges what nobody told the end of, and takes back slots that nobody renewed. */
    sweep(): void {
      const at = now();
      const due = [...account.held()].filter((held) => dueAt(held) <= at);
      // One that cannot be ended keeps nobody else's slots.
      doAll(due.map((held) => () => expireOne(held)));
    },

    standings: (rules: readonly LimitRule[]): readonly Standing[] =>
      rules.map((rule) =>
        COUNTERS[rule.kind].standing(account.book.rule(rule.id)?.state, rule, now()),
      ),

    limits(): LimitsView {
      const at = now();
      const held = [...account.held()];
      return {
        rules: account.rules().map(({ rule, state }) => ({
          rule,
          ...COUNTERS[rule.kind].standing(state, rule, at),
        })),
        reservations: held.length,
        slots: held.filter(({ slotUntil }) => slotUntil !== undefined).length,
      };
    },
  };
};
