/**
 * Decides: who is asked whether a request may run: this isolate's block, else the organisation's object; where some of
 * its limits are shared, Redis and then the object; and that every end reaches the object.
 * Never: counts anything itself, and never lets a request through because nobody answered.
 */
import type { Clock, Random } from "../base/clock.ts";
import type { DenialTally, LedgerRow } from "../domain/ledger-row.ts";
import type { Caller } from "../domain/tenant.ts";
import { type Admission, type Denied, nameOf } from "../policy/limits/admission.ts";
import { NOTHING_USED } from "../policy/limits/came-to.ts";
import { isCounted } from "../policy/limits/forgiven.ts";
import { isFreedByEnds } from "../policy/limits/freed.ts";
import type { Admittance, Limiter } from "../ports-account.ts";
import type { Incidents } from "./incidents.ts";
import { createBlocks } from "./limiter-blocks.ts";
import { createDenialCounts } from "./limiter-denials.ts";
import { createEnds } from "./limiter-ends.ts";
import { onwards } from "./limiter-onwards.ts";
import { createOutage } from "./limiter-outage.ts";
import { principalOf } from "./limiter-principal.ts";
import { createSharedLimits } from "./limiter-shared.ts";
import type { AdmitAnswer, OrganisationCalls } from "./objects/organisation-calls.ts";
import type { Reach } from "./organisation-reach.ts";
import type { UpstashLimits } from "./upstash-limits.ts";
import { isUpstashRule } from "./upstash-rule.ts";

export type LimiterParts = {
  readonly clock: Clock;
  readonly random: Random;
  readonly reach: Reach<OrganisationCalls>;
  readonly shared: UpstashLimits;
  readonly incidents: Incidents;
  readonly background: (work: Promise<unknown>) => void;
  /** The object knows that this request has ended; whether others elsewhere rely on its answer. */
  readonly ended: (id: string, isReliedOn: boolean) => void;
  /** For refusals of which nobody knows whose they were. */
  readonly tell: (denials: readonly DenialTally[]) => Promise<unknown>;
};

/** Refused by a limit: other refusals are counted by whoever asked. */
const isLimited = (answer: Admittance): answer is Denied => !answer.ok && "status" in answer;

const UNAVAILABLE = { status: 503, error_code: "limiter_unavailable" } as const;

export const createLimiter = (parts: LimiterParts): Limiter => {
  const { clock, reach, incidents, background } = parts;
  const shared = createSharedLimits({ ...parts, limits: parts.shared });
  const outage = createOutage();
  const blocks = createBlocks({ ...parts, principalOf });
  const ends = createEnds({
    ...parts,
    onTold: (end, isReliedOn) => {
      if (end.drawn !== undefined) blocks.ended(end.id);
      parts.ended(end.id, isReliedOn);
    },
  });
  const denials = createDenialCounts(parts);

  /** The object may have admitted, or may yet: then it would hold, and charge, for what is not going to run. */
  const giveUp = (
    caller: Caller,
    id: string,
    facts: string,
    why: Pick<LedgerRow, "status" | "error_code"> = UNAVAILABLE,
  ): void => {
    const row = { ...(JSON.parse(facts) as LedgerRow), ...why };
    const actual = NOTHING_USED;
    ends.tell(caller, { id, lineage: caller.lineage, drawn: undefined, actual, row });
  };

  const askObject = async (
    caller: Caller,
    admission: Admission,
    facts: string,
  ): Promise<Admittance> => {
    const ask = async (all: boolean) => {
      const { ends: carried, hasOthers } = ends.take(caller, all);
      const mayAskAgain = hasOthers && !all;
      const call = { principal: principalOf(caller), admission, facts, mayAskAgain };
      const answer = await reach<AdmitAnswer>(caller, (object) => object.admit(call, carried));
      if (answer.ok) ends.told(caller, carried, answer.value.relied);
      else ends.untold(caller, carried);
      return { answer, mayAskAgain };
    };
    const first = await ask(false);
    // An end that was being told meanwhile may free what was missing: a caller is not refused for its delay.
    const isUnsure = first.mayAskAgain && first.answer.ok && isFreedByEnds(first.answer.value);
    const { answer } = isUnsure ? await ask(true) : first;
    if (answer.ok) {
      const { edition } = answer.value;
      if (edition !== undefined) blocks.judged(caller, edition);
      return answer.value;
    }
    const local = outage.admit(caller.tenant, admission, clock.now());
    if (local === undefined) {
      if (answer.error.mayHaveArrived) giveUp(caller, admission.id, facts);
      return { ok: false, code: "unavailable", retryAfterMs: answer.error.retryAfterMs };
    }
    incidents.note("limits.open_local", `org/${caller.org}`);
    return local;
  };

  const askAll = async (caller: Caller, whole: Admission, facts: string): Promise<Admittance> => {
    const open = await shared.take(caller, whole);
    if (!open.ok) {
      const refused = open.error;
      if (isLimited(refused) && isCounted(whole, refused)) {
        denials.count(caller, refused.status, refused.code, nameOf(refused));
      }
      return refused;
    }
    const own = { ...open.value, rules: whole.rules.filter((rule) => !isUpstashRule(rule)) };
    const answer = await askObject(caller, own, facts);
    let granted = answer.ok ? answer : undefined;
    let closed: Admittance = answer;
    while (granted !== undefined) {
      const refused = await shared.move(caller, whole, granted);
      if (refused === undefined) return shared.joined(whole.id, granted);
      closed = refused;
      granted = isLimited(refused) ? await onwards(reach, caller, own, granted) : undefined;
    }
    shared.settle(whole.id, NOTHING_USED);
    if (!answer.ok) return answer;
    // The object has admitted: it has to give back what it holds.
    const why = isLimited(closed) ? { status: closed.status, error_code: closed.code } : undefined;
    giveUp(caller, whole.id, facts, why);
    return closed;
  };

  return {
    admit(caller, admission, facts) {
      const isShared = admission.rules.some(isUpstashRule);
      if (isShared) return askAll(caller, admission, JSON.stringify(facts));
      const own = blocks.admit(caller, admission, facts);
      return own ?? askObject(caller, admission, JSON.stringify(facts));
    },

    async extend(caller, id, extension) {
      const rules = extension.rules.filter((rule) => !isUpstashRule(rule));
      const isShared = rules.length < extension.rules.length;
      const taken = isShared ? await shared.extend(caller, id, extension) : undefined;
      if (isShared && taken === undefined) return false;
      const own = blocks.drawing(id);
      const draw = own && {
        drawn: own.drawn,
        lineage: caller.lineage,
        facts: JSON.stringify(own.facts),
      };
      // One name for all tries of this asking: what was given is not given twice.
      const more = { ...extension, rules, name: crypto.randomUUID() };
      const answer = await reach(caller, (object) => object.extend(id, more, draw));
      const isGiven = answer.ok && answer.value;
      if (isGiven) taken?.keep();
      else taken?.giveBack();
      return isGiven;
    },

    progress(caller, id, seen) {
      background(reach(caller, (object) => object.progress(id, seen)));
    },

    end(caller, row, actual) {
      const id = row.request_id;
      shared.settle(id, actual);
      const { lineage } = caller;
      ends.tell(caller, { id, lineage, drawn: blocks.drawing(id)?.drawn, actual, row });
    },

    denied: denials.count,
  };
};
