/**
 * Decides: nothing itself: the one place in the world where the account of one organisation is kept – limits,
 * holds, ledger, live keys.
 * Never: waits between reading and writing, and never answers before what it says is written.
 */
import type { DenialTally, LedgerRow } from "../../domain/ledger-row.ts";
import type { LimitRule } from "../../domain/limit.ts";
import type { Extension } from "../../policy/limits/account.ts";
import type { Seen } from "../../policy/limits/book.ts";
import type { Standing } from "../../policy/limits/counter.ts";
import { isBlock } from "../../policy/limits/lease.ts";
import { LEASE_GRACE_MS, LEASE_MS } from "../../policy/limits/times.ts";
import { createClock } from "../clock.ts";
import { type Account, createAccount } from "./organisation-account.ts";
import { type Asked, createAdmissions } from "./organisation-admissions.ts";
import { type Alarms, createAlarms, doAll } from "./organisation-alarm.ts";
import type {
  AdmitAnswer,
  AdmitCall,
  Block,
  Change,
  DrawCall,
  EndCall,
  LeaseCall,
  LimitsView,
  OrganisationCalls,
  Principal,
  SpendView,
} from "./organisation-calls.ts";
import { createCore } from "./organisation-core.ts";
import { createDenials, type Denials } from "./organisation-denials.ts";
import { FlightBoardObject } from "./organisation-flights.ts";
import { createKnownKeys, judgeAnew, type KnownKeys } from "./organisation-keys.ts";
import { createLedger, type Ledger } from "./organisation-ledger.ts";
import { createOnceStore, type OnceStore } from "./organisation-once.ts";
import type { OnceCalls, OnceEnd, OncePiece, OnceWish } from "./organisation-once-calls.ts";
import { createPruning, type Pruning } from "./organisation-prune.ts";
import { createShipping, SHIP_MS, type Shipping } from "./organisation-ship.ts";
import { createTurns } from "./organisation-turns.ts";

export class OrganisationObject extends FlightBoardObject implements OrganisationCalls, OnceCalls {
  private readonly account: Account;
  private readonly ledger: Ledger;
  private readonly denials: Denials;
  private readonly keys: KnownKeys;
  private readonly alarms: Alarms;
  private readonly core: ReturnType<typeof createCore>;
  private readonly asked: (ask: Asked) => Promise<AdmitAnswer | undefined>;
  private readonly once: OnceStore;
  private readonly pruning: Pruning;
  private readonly shipping: Shipping;
  /** Never runs backwards: a window that was left is not entered again. */
  private latest = 0;
  /** Until when some isolate may admit by itself. */
  private leasedUntil = 0;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const { sql } = ctx.storage;
    this.account = createAccount(sql);
    this.ledger = createLedger(sql);
    this.denials = createDenials(sql);
    this.keys = createKnownKeys(sql, env.DB);
    this.shipping = createShipping({
      ...{ ledger: this.ledger, denials: this.denials },
      send: (messages) => this.env.USAGE.sendBatch(messages.map((body) => ({ body }))),
    });
    this.pruning = createPruning({ sql, now: () => this.now(), others: [this.keys.prune] });
    this.alarms = createAlarms(ctx);
    this.core = createCore({
      account: this.account,
      ledger: this.ledger,
      now: () => this.now(),
      board: () => this.board,
      transaction: (work) => ctx.storage.transactionSync(work),
      wakeBy: (at) => this.alarms.by(at),
    });
    this.asked = createTurns({
      decide: createAdmissions({
        ...{ core: this.core, keys: this.keys, denials: this.denials },
        now: () => this.now(),
        shipSoon: () => this.shipSoon(),
      }),
      written: () => ctx.storage.sync(),
    });
    this.once = createOnceStore({
      sql,
      clock: { ...createClock(), now: () => this.now() },
      transaction: (work) => ctx.storage.transactionSync(work),
      wakeBy: (at) => this.alarms.by(at),
    });
    for (const held of this.account.held()) {
      if (isBlock(held))
        this.leasedUntil = Math.max(this.leasedUntil, held.expiresAt - LEASE_GRACE_MS);
    }
    this.arm();
  }

  async admit(call: AdmitCall, ends: readonly EndCall[]): Promise<AdmitAnswer> {
    const { principal } = call;
    if (!this.keys.knows(principal)) await this.keys.look(principal);
    if (this.keys.judge(principal, this.now()) === "stale") await this.keys.lookAnew(principal);
    return this.boarded(call, ends, () => this.asked({ call, ends }) as Promise<AdmitAnswer>);
  }

  async extend(id: string, extension: Extension, draw?: DrawCall): Promise<boolean> {
    if (draw !== undefined) this.core.draw([draw]);
    return this.core.extend(id, extension);
  }

  async progress(id: string, seen: Seen): Promise<boolean> {
    return this.core.progress(id, seen);
  }

  async end(ends: readonly EndCall[]): Promise<readonly string[] | undefined> {
    await this.asked({ call: undefined, ends });
    return this.reliedOn(ends);
  }

  async lease(call: LeaseCall): Promise<Block | undefined> {
    // Of many that come together one asks, before its own admission has been heard.
    if (!this.keys.knows(call.principal)) await this.keys.look(call.principal);
    if (this.keys.judge(call.principal, this.now()) !== "live") return undefined;
    const block = this.core.lease(call);
    if (block === undefined) return undefined;
    this.leasedUntil = this.now() + LEASE_MS;
    return { ...block, edition: this.keys.edition() };
  }

  async giveBack(id: string, running: readonly DrawCall[]): Promise<void> {
    this.core.giveBack(id, running);
  }

  async deny(denials: readonly DenialTally[]): Promise<void> {
    this.denials.add(denials);
    this.shipSoon();
  }

  async onceBegin(wish: OnceWish) {
    const judgement = await this.judge(wish.principal);
    if (judgement !== "live") return { is: "refused", code: judgement } as const;
    return this.once.onceBegin(wish);
  }

  async onceDispatched(id: string, fence: number): Promise<boolean> {
    return this.once.onceDispatched(id, fence);
  }

  async onceRenew(id: string, fence: number): Promise<boolean> {
    return this.once.onceRenew(id, fence);
  }

  async onceEnd(id: string, fence: number, end: OnceEnd, pieces: number | undefined) {
    return this.once.onceEnd(id, fence, end, pieces);
  }

  async oncePiece(id: string, fence: number, piece: OncePiece): Promise<boolean> {
    return this.once.oncePiece(id, fence, piece);
  }

  async onceAttach(id: string, fingerprint: string, waitMs: number) {
    return this.once.onceAttach(id, fingerprint, waitMs);
  }

  async row(id: string): Promise<LedgerRow | undefined> {
    return this.ledger.row(id);
  }

  async newest(
    limit: number,
    before?: { readonly at: number; readonly id: string },
  ): Promise<readonly LedgerRow[]> {
    return this.ledger.newest(limit, before);
  }

  async standings(rules: readonly LimitRule[]): Promise<readonly Standing[]> {
    return this.core.standings(rules);
  }

  async spend(lineage: string): Promise<SpendView> {
    return this.ledger.spend(lineage, this.now());
  }

  async judge(principal: Principal) {
    return judgeAnew(this.keys, principal, () => this.now());
  }

  async limits(): Promise<LimitsView> {
    return this.core.limits();
  }

  async changed(changes: readonly Change[]): Promise<void> {
    this.keys.change(changes);
    // Isolates may go on with what they have: for so long, and no block is given after this.
    const ends = Math.min(...changes.map(({ until }) => until ?? 0));
    const wait = this.leasedUntil - this.now();
    if (wait > 0 && this.leasedUntil > ends) await scheduler.wait(wait);
  }

  override async alarm(): Promise<void> {
    this.alarms.rang();
    try {
      doAll([() => this.core.sweep(), () => this.once.sweep(), () => this.pruning.sweep()]);
    } finally {
      // Whatever fails above, the ledger is told, and the object wakes again.
      await this.shipping.ship();
      this.arm();
    }
  }

  private shipSoon(): void {
    this.alarms.by(this.now() + SHIP_MS);
  }

  private now(): number {
    this.latest = Math.max(this.latest, Date.now());
    return this.latest;
  }

  /** Wakes for whatever is open: after a start, and after every alarm, also one that has failed. */
  private arm(): void {
    // What is overdue has been tried just now: it is tried again, but not at once.
    const soon = this.now() + SHIP_MS;
    for (const { expiresAt, slotUntil } of this.account.held()) {
      this.alarms.by(Math.max(soon, Math.min(expiresAt, slotUntil ?? expiresAt)));
    }
    // What is kept for a time only goes after it, also where nobody comes any more.
    for (const due of [this.once.next(), this.pruning.next()]) {
      if (due !== undefined) this.alarms.by(Math.max(soon, due));
    }
    const pause = this.shipping.pause();
    if (pause !== undefined) this.alarms.by(this.now() + pause);
  }
}
