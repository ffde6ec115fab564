/**
 * Decides: how limits that systems outside Cloudflare share take part in an admission: taken before the object
 * is asked, given back where it refuses, settled with everything else.
 * Never: counts; upstash-limits.ts does.
 */
import type { Clock } from "../base/clock.ts";
import { err, ok, type Result } from "../base/result.ts";
import { type Cost, type LimitRule, NO_COST } from "../domain/limit.ts";
import type { Caller } from "../domain/tenant.ts";
import type { Extension } from "../policy/limits/account.ts";
import {
  type Admission,
  type Admitted,
  type Denied,
  type Nearness,
  nameOf,
  type Way,
} from "../policy/limits/admission.ts";
import { type Actual, cameTo, NOTHING_USED } from "../policy/limits/came-to.ts";
import { ownRules, rulesAt, sharedRules } from "../policy/limits/evaluate.ts";
import { GRACE_MS } from "../policy/limits/times.ts";
import type { Admittance } from "../ports-account.ts";
import { createInFlight } from "./limiter-in-flight.ts";
import type { UpstashEnd, UpstashHold, UpstashLimits, UpstashTake } from "./upstash-limits.ts";
import { isUpstashRule } from "./upstash-rule.ts";

type Refused = Extract<UpstashTake, { readonly ok: false }>;
type Taken = Extract<UpstashTake, { readonly ok: true }>;
type Limited = Extract<UpstashTake, { readonly ok: false; readonly reason: "limited" }>;

/** What was taken for one more attempt: it is made, or it is not. */
export type More = { keep(): void; giveBack(): void };

export type SharedLimits = {
  /** For the first target that they leave open; then without those before it. */
  take(caller: Caller, admission: Admission): Promise<Result<Admission, Admittance>>;
  /** After the object has chosen another target, its own limits instead of the first one's; or has held less. */
  move(caller: Caller, admission: Admission, granted: Admitted): Promise<Admittance | undefined>;
  /** For one more attempt, before the object is asked; undefined: it must not be made. */
  extend(caller: Caller, id: string, extension: Extension): Promise<More | undefined>;
  /** Puts what the request came to in the place of what was taken for it. */
  settle(id: string, actual: Actual): void;
  /** The object's answer with what is known of these limits. */
  joined(id: string, answer: Admitted): Admitted;
};

const RATE = { requests: "rate_limit_requests", tokens: "rate_limit_tokens" } as const;

const deniedBy = ({ rule, used, resetsAt, retryAfterMs }: Limited): Denied => {
  const unit = rule.unit === "tokens" ? "tokens" : "requests";
  const isTooLarge = retryAfterMs === undefined;
  return {
    ok: false,
    code: isTooLarge ? "request_exceeds_limit" : RATE[unit],
    status: isTooLarge ? 400 : 429,
    retryAfterMs,
    level: rule.level,
    unit,
    per: rule.per,
    limit: rule.max,
    used,
    remaining: Math.max(0, rule.max - used),
    resetsAt,
  };
};

const refusedBy = (answer: Refused): Admittance =>
  answer.reason === "limited"
    ? deniedBy(answer)
    : { ok: false, code: "unavailable", retryAfterMs: answer.retryAfterMs };

const waitOf = ({ retryAfterMs }: Limited): number => retryAfterMs ?? Number.POSITIVE_INFINITY;

/** Nobody is sent to a target that is closed; a way of which nothing is left finds that when it is taken. */
const without = (admission: Admission, closed: ReadonlySet<string>): Admission => {
  if (closed.size === 0) return admission;
  const [first, ...others] = admission.ways.map((way): Way => {
    const [open, ...more] = way.options.filter(({ model }) => !closed.has(model));
    return open === undefined ? way : { ...way, options: [open, ...more] };
  });
  return first === undefined ? admission : { ...admission, ways: [first, ...others] };
};

/** Nearer limits are told; those that only watch are recorded. */
const withShared = (answer: Admitted, taken: Taken | undefined, now: number): Admitted => {
  if (taken === undefined) return answer;
  const nearer = (unit: "requests" | "tokens"): Nearness | undefined => {
    const all = taken.standings.flatMap(({ rule, used, resetsAt }) =>
      rule.unit !== unit || rule.mode !== "on"
        ? []
        : [{ limit: rule.max, remaining: rule.max - used, resetMs: resetsAt - now }],
    );
    const own = answer[unit];
    return [...(own === undefined ? [] : [own]), ...all].reduce<Nearness | undefined>(
      (least, each) =>
        least !== undefined && least.remaining / least.limit <= each.remaining / each.limit
          ? least
          : each,
      undefined,
    );
  };
  const shadow = taken.shadow.map((rule) => ({
    section: "limits",
    decision: `deny:${nameOf(rule)}`,
  }));
  return {
    ...answer,
    requests: nearer("requests"),
    tokens: nearer("tokens"),
    shadow: [...answer.shadow, ...shadow],
  };
};

/** What is held in Redis for a request, and for which target's own rules; undefined: of the whole request. */
type Part = { readonly hold: UpstashHold; readonly model: string | undefined };

type Running = {
  readonly taken: Taken;
  /** Whom it was taken for. */
  model: string;
  parts: readonly Part[];
  readonly deadline: number;
};

const endsOf = (parts: readonly Part[], actual: Actual): readonly UpstashEnd[] => {
  const held = parts.map(({ hold, model }) => ({ rule: hold.rule, amount: hold.amount, model }));
  const amounts = cameTo(held, actual);
  return parts.map(({ hold }, at) => ({ hold, actual: amounts[at] ?? 0 }));
};

export const createSharedLimits = (parts: {
  readonly limits: UpstashLimits;
  readonly clock: Clock;
  readonly background: (work: Promise<unknown>) => void;
}): SharedLimits => {
  const { limits, clock, background } = parts;
  const running = createInFlight<Running>(({ deadline }) => deadline + GRACE_MS);

  const end = (some: readonly Part[], actual: Actual): void => {
    if (some.length > 0) background(limits.settle(endsOf(some, actual), clock.now()));
  };

  /** Gives back what is not needed after all. */
  const drop = (known: Running, isNot: (part: Part) => boolean): void => {
    end(known.parts.filter(isNot), NOTHING_USED);
    known.parts = known.parts.filter((part) => !isNot(part));
  };

  /** Of rules that count in Redis; with the target whose own rules they are. */
  const take = async (
    { tenant }: Caller,
    rules: readonly LimitRule[],
    cost: Cost,
    model: string,
  ): Promise<{ readonly answer: UpstashTake; readonly parts: readonly Part[] }> => {
    const answer = await limits.take(tenant, rules.filter(isUpstashRule), cost, clock.now());
    const holds = answer.ok ? answer.holds : [];
    return {
      answer,
      parts: holds.map((hold) => ({
        hold,
        model: hold.rule.models === undefined ? undefined : model,
      })),
    };
  };

  return {
    async take(caller, admission) {
      const { id, rules, ways, deadline } = admission;
      const closed = new Set<string>();
      let easiest: Limited | undefined;
      for (const { model, cost } of ways[0].options) {
        const { answer, parts } = await take(caller, rulesAt(rules, model), cost, model);
        if (answer.ok) {
          // Also where nothing is held yet: whoever follows another may have to hold more.
          running.set(id, { taken: answer, model, parts, deadline }, clock.now());
          return ok(without(admission, closed));
        }
        if (answer.reason !== "limited" || !answer.ofModels) return err(refusedBy(answer));
        closed.add(model);
        if (easiest === undefined || waitOf(answer) < waitOf(easiest)) easiest = answer;
      }
      if (easiest === undefined) throw new Error("a plan without a target");
      return err(refusedBy(easiest));
    },

    async move(caller, { id, rules }, { models: [model], held }) {
      const known = running.get(id);
      if (known === undefined) return undefined;
      // It follows one elsewhere, and holds nothing that an attempt would cost.
      if (held.tokens === 0) drop(known, ({ hold }) => hold.rule.unit === "tokens");
      if (known.model === model) return undefined;
      const { answer, parts } = await take(caller, ownRules(rules, model), held, model);
      if (!answer.ok) return refusedBy(answer);
      drop(known, (part) => part.model !== undefined);
      known.parts = [...known.parts, ...parts];
      known.model = model;
      return undefined;
    },

    async extend(caller, id, { model, rules, more, own }) {
      const known = running.get(id);
      if (known === undefined) return undefined;
      const ofAll = await take(caller, sharedRules(rules), { ...NO_COST, ...more }, model);
      if (!ofAll.answer.ok) return undefined;
      const ofOwn = await take(caller, ownRules(rules, model), own, model);
      const taken = [...ofAll.parts, ...ofOwn.parts];
      const giveBack = (): void => end(taken, NOTHING_USED);
      if (!ofOwn.answer.ok) {
        giveBack();
        return undefined;
      }
      return {
        giveBack,
        keep: () => {
          // The request may have ended meanwhile.
          if (running.get(id) === known) known.parts = [...known.parts, ...taken];
          else giveBack();
        },
      };
    },

    settle(id, actual) {
      const known = running.get(id);
      if (known === undefined) return;
      running.delete(id);
      end(known.parts, actual);
    },

    joined: (id, answer) => withShared(answer, running.get(id)?.taken, clock.now()),
  };
};
