/**
 * Decides: how sums of what was used become the report of contract.md section 3, and its table.
 * Never: adds up fractions: sums are whole nano-USD until they are shown.
 */
import { usd } from "../../base/money.ts";
import { forecastMonth } from "./forecast.ts";
import { shareOf } from "./sums.ts";

/** Whole numbers; `cost` and `saved` in nano-USD. */
export type Sums = {
  readonly requests: number;
  readonly cached: number;
  readonly failed: number;
  readonly estimated: number;
  readonly unpriced: number;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly delivered_tokens: number;
  readonly cost: number;
  readonly saved: number;
};

export type GroupSums = Pick<Sums, "requests" | "input_tokens" | "output_tokens" | "cost"> & {
  /** One for each name that was asked for, in that order; "" where it is absent. */
  readonly values: readonly (string | number)[];
};

export type Spend = {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly from: number;
  readonly to: number;
  readonly totals: Sums;
  /** Null where what was asked for is narrower than what is known of refusals. */
  readonly denied: number | null;
  /** Nano-USD, since the month began. */
  readonly inMonth: number;
  /** As asked for: dimensions and tags. */
  readonly names: readonly string[];
  /** The dearest first; there may be more than were asked for. */
  readonly groups: readonly GroupSums[];
};

/** Beyond this many, the cheapest are one group of which every value is OTHERS. */
export const MOST_GROUPS = 10_000;
export const OTHERS = "*";
const ABSENT = "unknown";

const iso = (ms: number): string => new Date(ms).toISOString();
const DATE = "2026-11-21".length;

/** Hours and days come as milliseconds. */
const shownValue = (name: string, value: string | number): string => {
  if (name === "hour") return iso(Number(value));
  if (name === "day") return iso(Number(value)).slice(0, DATE);
  return value === "" ? ABSENT : String(value);
};

const FIGURES = ["requests", "input_tokens", "output_tokens", "cost"] as const;

const shownGroup = (
  sums: Omit<GroupSums, "values">,
  key: Record<string, string>,
  cost: number,
) => ({
  key,
  requests: sums.requests,
  tokens: sums.input_tokens + sums.output_tokens,
  input_tokens: sums.input_tokens,
  output_tokens: sums.output_tokens,
  cost_usd: usd(sums.cost),
  share: shareOf(sums.cost, cost),
});
type Group = ReturnType<typeof shownGroup>;

const groupsOf = ({ totals, names, groups }: Spend): readonly Group[] => {
  const keyed = (value: (name: string, at: number) => string) =>
    Object.fromEntries(names.map((name, at) => [name, value(name, at)]));
  const shown = groups.slice(0, MOST_GROUPS);
  const all = shown.map((group) =>
    shownGroup(
      group,
      keyed((name, at) => shownValue(name, group.values[at] ?? "")),
      totals.cost,
    ),
  );
  if (groups.length <= MOST_GROUPS) return all;
  const rest = Object.fromEntries(
    FIGURES.map((figure) => [
      figure,
      shown.reduce((left, group) => left - group[figure], totals[figure]),
    ]),
  ) as Omit<GroupSums, "values">;
  return [
    ...all,
    shownGroup(
      rest,
      keyed(() => OTHERS),
      totals.cost,
    ),
  ];
};

export const usageReport = (spend: Spend) => {
  const { now, from, to, totals, denied, inMonth } = spend;
  const tokens = totals.input_tokens + totals.output_tokens;
  return {
    from: iso(from),
    to: iso(to),
    total_cost_usd: usd(totals.cost),
    total_requests: totals.requests,
    cached_requests: totals.cached,
    failed_requests: totals.failed,
    denied_requests: denied,
    estimated_requests: totals.estimated,
    unpriced_requests: totals.unpriced,
    cache_hit_rate: shareOf(totals.cached, totals.requests),
    cost_saved_by_cache_usd: usd(totals.saved),
    average_cost_usd: usd(shareOf(totals.cost, totals.requests)),
    forecast_month_usd: usd(forecastMonth({ now, from, to, inWindow: totals.cost, inMonth })),
    token_efficiency: shareOf(totals.delivered_tokens, tokens),
    groups: groupsOf(spend),
  };
};

export type UsageTable = {
  readonly header: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
};

/** A line for each group; where none was asked for, one line for all. */
export const usageTable = (spend: Spend): UsageTable => {
  const { names, totals } = spend;
  const groups = names.length > 0 ? groupsOf(spend) : [shownGroup(totals, {}, totals.cost)];
  const figures = [
    ...["requests", "tokens", "input_tokens", "output_tokens", "cost_usd", "share"],
  ] as (keyof Omit<Group, "key">)[];
  return {
    header: [...names, ...figures],
    rows: groups.map((group) => [
      ...names.map((name) => group.key[name] ?? ""),
      ...figures.map((figure) => group[figure]),
    ]),
  };
};
