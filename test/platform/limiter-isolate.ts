/**
 * Decides: nothing: the limiter as an isolate has it, before a real object, with a fault of the test's own
 * between them and a clock that the test turns.
 */
import type { LedgerRow } from "../../src/domain/ledger-row.ts";
import type { LimitRule } from "../../src/domain/limit.ts";
import type { Caller } from "../../src/domain/tenant.ts";
import { createLimiter } from "../../src/platform/limiter.ts";
import type { OrganisationCalls } from "../../src/platform/objects/organisation-calls.ts";
import { createReach } from "../../src/platform/organisation-reach.ts";
import type { Charge } from "../../src/policy/limits/book.ts";
import { createVirtualTime } from "../support/virtual-time.ts";
import { rowOf, type World } from "./organisation-world.ts";

/** Stands between the isolate and the object; `stub` counts the stubs that were made, from 1. */
export type Fault = (
  name: keyof OrganisationCalls,
  call: () => Promise<unknown>,
  stub: number,
) => Promise<unknown>;

const saying = (word: string, message: string): Error =>
  Object.assign(new Error(message), { [word]: true });
export const overloaded = (): Error =>
  Object.assign(saying("overloaded", "too many requests queued"), { retryable: true });
export const retryable = (): Error => saying("retryable", "the object has moved");
export const broken = (): Error => new Error("internal error");
export const never = (): Promise<never> => new Promise(() => {});

/** Milliseconds of real time in which a call of the object's has surely come to its end. */
const TURN_MS = 20;

export const isolateOf = (world: World, random: () => number = () => 0.5) => {
  const clock = createVirtualTime(Date.now());
  let fault: Fault = (_, call) => call();
  const calls: string[] = [];
  const noted: string[] = [];
  const background: Promise<unknown>[] = [];
  let stubs = 0;
  const objectOf = (): OrganisationCalls => {
    stubs += 1;
    const stub = stubs;
    return new Proxy(world.object as unknown as OrganisationCalls, {
      get:
        (object, name: keyof OrganisationCalls) =>
        (...args: unknown[]) => {
          calls.push(name);
          const call = object[name] as (...args: unknown[]) => Promise<unknown>;
          return fault(name, () => Reflect.apply(call, object, args), stub);
        },
    });
  };
  const { org, tenant, key, lineage, revisions } = world.principal;
  const caller: Caller = {
    ...{ org, tenant, key, lineage, revisions, keyName: undefined },
    ...{ team: undefined, user: undefined, expiresAt: undefined, locationHint: undefined },
    ...{ scopes: new Set(), tags: {}, policies: [], levels: [] },
  };
  const limiter = createLimiter({
    clock,
    random,
    reach: createReach({ clock, random, objectOf }),
    shared: {
      take: async () => ({ ok: true, holds: [], standings: [], shadow: [] }),
      settle: async () => true,
    },
    incidents: { note: (what: string) => void noted.push(what) },
    ended: () => undefined,
    background: (work) => void background.push(work),
    tell: async () => {},
  });
  return {
    limiter,
    clock,
    calls,
    noted,
    caller,
    breaks: (next: Fault): void => {
      fault = next;
    },
    mends: (): void => {
      fault = (_, call) => call();
    },
    admit: (id: string, rules: readonly LimitRule[], cost = {}) =>
      Promise.resolve(limiter.admit(caller, world.call(id, rules, cost).admission, rowOf(id))),
    end: (id: string, total: Charge, more: Partial<LedgerRow> = {}): void =>
      limiter.end(caller, rowOf(id, more), { total, byModel: { m: total } }),
    /** Lets `ms` of the isolate's time pass, and real time for the object to answer before and after it. */
    pass: async (ms: number): Promise<void> => {
      for (const step of [0, ms, 0]) {
        await clock.play(step);
        await new Promise((done) => setTimeout(done, TURN_MS));
      }
    },
  };
};
