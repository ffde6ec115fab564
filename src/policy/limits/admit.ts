/**
 * Decides: whether a request may run, on which way and at which of its targets, and what is held for it –
 * all rules of all levels at once (machines.md section 2).
 * Never: writes a counter for a request that it denies: the draft is dropped then.
 */

import type { ShadowDecision } from "../../domain/ledger-row.ts";
import type { LimitRule } from "../../domain/limit.ts";
import {
  type Admission,
  type Admitted,
  type Denied,
  nameOf,
  type Option,
  type Way,
} from "./admission.ts";
import { type Book, type Draft, NO_CHARGE } from "./book.ts";
import { COUNTERS } from "./counters.ts";
import {
  binding,
  easiest,
  evaluate,
  type Obstacle,
  type Obstacles,
  ownRules,
  rulesAt,
  sharedRules,
  type Verdict,
} from "./evaluate.ts";
import { nearest } from "./nearest.ts";
import { type Near, shareOf, takeAll } from "./take.ts";
import { GRACE_MS, SLOT_LEASE_MS } from "./times.ts";

/** The highest share of a budget in USD that is spent or held, over the rules that apply. */
const spendRatio = (book: Book, rules: readonly LimitRule[], now: number): number =>
  rules.reduce((highest, rule) => {
    if (rule.unit !== "usd" || rule.mode !== "on") return highest;
    const { used, held } = COUNTERS[rule.kind].standing(book.rule(rule.id)?.state, rule, now);
    return Math.max(highest, shareOf(used + held, rule));
  }, 0);

const wayFor = ({ ways }: Admission, ratio: number): number => {
  const found = ways.findLastIndex(({ from }) => from <= ratio);
  return Math.max(0, found);
};

type Open = {
  readonly option: Option;
  readonly own: readonly LimitRule[];
  readonly verdict: Verdict;
};

type Closed = { readonly option: Option; readonly obstacles: readonly Obstacle[] };

/** The options that no rule of their own closes; and what is in the way of the others, of any rule. */
const sift = (
  draft: Draft,
  { rules }: Admission,
  { options }: Way,
  now: number,
): { readonly open: readonly Open[]; readonly closed: readonly Closed[] } => {
  const open: Open[] = [];
  const closed: Closed[] = [];
  for (const option of options) {
    const own = ownRules(rules, option.model);
    const verdict = evaluate(draft, own, option.cost, now);
    if (verdict.obstacles.length === 0) open.push({ option, own, verdict });
    else closed.push({ option, obstacles: verdict.obstacles });
  }
  return { open, closed };
};

const asShadow = ({ rule }: Obstacle): ShadowDecision => ({
  section: "limits",
  decision: `deny:${nameOf(rule)}`,
});

const SHARE_DIGITS = 2;
const warningOf = (near: readonly Near[]): string | undefined => {
  const [first, ...others] = near;
  if (first === undefined) return undefined;
  const worst = others.reduce((most, each) => (each.share > most.share ? each : most), first);
  return `${worst.rule.level};used=${worst.share.toFixed(SHARE_DIGITS)}`;
};

const isFirst = <T>(list: readonly T[]): list is readonly [T, ...T[]] => list.length > 0;

/** What was answered before to the same id, else the decision, with everything taken in the draft. */
export const admit = (draft: Draft, admission: Admission, now: number): Admitted | Denied => {
  const known = draft.reservation(admission.id);
  if (known !== undefined) return known.answer as Admitted;
  const { rules } = admission;
  const [wanted] = admission.ways[0].options;
  // A budget of other models says nothing of this request.
  const concerned = rulesAt(rules, wanted.model);
  const at = wayFor(admission, spendRatio(draft, concerned, now));
  const way = admission.ways[at] ?? admission.ways[0];
  const { open, closed } = sift(draft, admission, way, now);
  const [first] = open;
  const shared = sharedRules(rules);
  if (first === undefined) {
    // Whoever comes back when the easiest is free has to pass the rules of the whole request too.
    const ways = closed.map(({ option: { cost }, obstacles }) => [
      ...obstacles,
      ...evaluate(draft, shared, cost, now).obstacles,
    ]);
    return binding(draft, easiest(ways as unknown as [Obstacles, ...Obstacles[]]), now);
  }
  const { option, own, verdict } = first;
  const overall = evaluate(draft, shared, option.cost, now);
  if (isFirst(overall.obstacles)) return binding(draft, overall.obstacles, now);

  const ofAll = takeAll(draft, shared, option.cost, undefined, now);
  const ofOwn = takeAll(draft, own, option.cost, option.model, now);
  const near = [...ofAll.near, ...ofOwn.near];
  const applying = [...shared, ...own];
  const models = open.map(({ option: { model } }) => model);
  const answer: Admitted = {
    ok: true,
    way: at,
    models: models as [string, ...string[]],
    held: option.cost,
    waitMs: Math.max(overall.waitMs, verdict.waitMs),
    requests: nearest(draft, applying, "requests", now),
    tokens: nearest(draft, applying, "tokens", now),
    warning: warningOf(near),
    warned: near.filter(({ isNew }) => isNew).map(({ rule }) => nameOf(rule)),
    shadow: [...overall.shadow, ...verdict.shadow].map(asShadow),
  };
  draft.putReservation({
    id: admission.id,
    state: "held",
    holds: [...ofAll.holds, ...ofOwn.holds],
    cost: option.cost,
    floor: option.floor,
    highWater: NO_CHARGE,
    slotUntil: applying.some(({ unit }) => unit === "concurrent") ? now + SLOT_LEASE_MS : undefined,
    expiresAt: admission.deadline + GRACE_MS,
    version: 0,
    answer,
  });
  return answer;
};
