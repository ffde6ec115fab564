/**
 * Decides: which sums are read for a report: of whole hours, from one moment of the database.
 * Never: reads a single request's row.
 */
import type { Latencies } from "../policy/view/canary-latency.ts";
import { monthOf } from "../policy/view/forecast.ts";
import type { Denials, MetricSums, ProviderSums } from "../policy/view/metrics.ts";
import { type GroupSums, MOST_GROUPS, type Spend, type Sums } from "../policy/view/spend.ts";

export const DIMENSIONS = [
  ...(["model", "provider", "org", "team", "user", "key", "hour", "day", "canary"] as const),
  "shadow",
] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** `name` is how it was asked for. */
export type Grouping = { readonly name: string } & (
  | { readonly dimension: Dimension }
  | { readonly tag: string }
);

/** Whole hours, in milliseconds since the epoch; `to` is not part of it. */
export type UsageScope = {
  readonly from: number;
  readonly to: number;
  readonly org?: string | undefined;
  readonly team?: string | undefined;
  readonly user?: string | undefined;
  readonly key?: string | undefined;
};

export type UsageReports = {
  spend(scope: UsageScope, groupings: readonly Grouping[], now: number): Promise<Spend>;
  metrics(scope: UsageScope): Promise<MetricSums>;
};

const DAY_MS = 86_400_000;

/** Tags are text to the database; those of a crowded hour are "*". */
const TAG = `iif(tags = '*', '*', coalesce(json_extract(iif(tags = '*', '{}', tags), ?), ''))`;

const expressionOf = (grouping: Grouping): string => {
  if ("tag" in grouping) return TAG;
  return grouping.dimension === "day" ? `hour - hour % ${DAY_MS}` : grouping.dimension;
};

const sumsOf = (names: readonly string[]): string =>
  names.map((name) => `coalesce(sum(${name}), 0) AS ${name}`).join(", ");

const TOTALS = `coalesce(sum(iif(cached, requests, 0)), 0) AS cached, ${sumsOf([
  ...["requests", "failed", "estimated", "unpriced", "input_tokens", "output_tokens"],
  ...["delivered_tokens", "cost", "saved"],
])}`;

const FILTERS = ["org", "team", "user", "key"] as const;
type Filter = (typeof FILTERS)[number];

/** A condition and what is bound to it. */
const where = (scope: UsageScope, filters: readonly Filter[] = FILTERS) => {
  const given = filters.filter((name) => scope[name] !== undefined);
  return {
    condition: ["hour >= ? AND hour < ?", ...given.map((name) => `${name} = ?`)].join(" AND "),
    values: [scope.from, scope.to, ...given.map((name) => scope[name])],
  };
};

const first = <T>(result: D1Result | undefined): T => result?.results[0] as T;
const all = <T>(result: D1Result | undefined): readonly T[] => (result?.results ?? []) as T[];

export const createUsageReports = ({ db }: { readonly db: D1Database }): UsageReports => {
  const select = (
    what: string,
    table: string,
    { condition, values }: ReturnType<typeof where>,
    more = "",
    bound: readonly unknown[] = [],
  ) =>
    db.prepare(`SELECT ${what} FROM ${table} WHERE ${condition} ${more}`).bind(...bound, ...values);

  const grouped = (scope: UsageScope, groupings: readonly Grouping[]) => {
    const names = groupings.map((_, at) => `value_${at}`);
    const values = groupings.map((grouping, at) => `${expressionOf(grouping)} AS value_${at}`);
    const sums = sumsOf(["requests", "input_tokens", "output_tokens", "cost"]);
    return select(
      [...values, sums].join(", "),
      "usage_hours",
      where(scope),
      `GROUP BY ${names.join(", ")} ORDER BY cost DESC, requests DESC, ${names.join(", ")}
       LIMIT ${MOST_GROUPS + 1}`,
      groupings.flatMap((grouping) => ("tag" in grouping ? [`$."${grouping.tag}"`] : [])),
    );
  };

  return {
    async spend(scope, groupings, now) {
      const month = { ...scope, from: monthOf(now).start, to: now };
      const [totals, inMonth, denied, groups] = await db.batch<Record<string, number | string>>([
        select(TOTALS, "usage_hours", where(scope)),
        select("coalesce(sum(cost), 0) AS cost", "usage_hours", where(month)),
        select("coalesce(sum(count), 0) AS count", "usage_denials", where(scope, ["org"])),
        ...(groupings.length > 0 ? [grouped(scope, groupings)] : []),
      ]);
      const narrow = [scope.team, scope.user, scope.key].some((value) => value !== undefined);
      return {
        ...{ now, from: scope.from, to: scope.to },
        totals: first<Sums>(totals),
        denied: narrow ? null : first<{ count: number }>(denied).count,
        inMonth: first<{ cost: number }>(inMonth).cost,
        names: groupings.map(({ name }) => name),
        groups: all<GroupSums & Record<string, string>>(groups).map((row) => ({
          ...row,
          values: groupings.map((_, at) => row[`value_${at}`] ?? ""),
        })),
      };
    },

    async metrics(scope) {
      const org = where(scope, ["org"]);
      const figures = sumsOf(["requests", "cost", "timed", "latency"]);
      const [totals, providers, denials, waits] = await db.batch([
        select(
          `coalesce(sum(iif(cached, requests, 0)), 0) AS cached, ${sumsOf(["failed", "fallback"])},
           ${figures}`,
          "usage_hours",
          org,
        ),
        select(
          `provider, sum(failed + broken) AS failures, sum(input_tokens + output_tokens) AS tokens,
           ${figures}`,
          "usage_hours",
          org,
          "AND provider <> '' AND NOT cached GROUP BY provider ORDER BY provider",
        ),
        select(
          "status, code, rule, sum(count) AS requests",
          "usage_denials",
          org,
          "GROUP BY status, code, rule ORDER BY requests DESC, code, rule",
        ),
        select("bucket, sum(requests) AS requests", "usage_waits", org, "GROUP BY bucket"),
      ]);
      const counted = all<{ bucket: number; requests: number }>(waits);
      return {
        ...first<Omit<MetricSums, "providers" | "denials" | "waits">>(totals),
        providers: all<ProviderSums>(providers),
        denials: all<Denials>(denials),
        waits: Object.fromEntries(
          counted.map(({ bucket, requests }) => [bucket, requests]),
        ) as Latencies,
      };
    },
  };
};
