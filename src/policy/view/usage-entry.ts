/**
 * Decides: what one row of the ledger counts for in the sums of its hour, and under which names.
 * Never: adds up. The database does, in the statement that writes the row.
 */
import { ERRORS } from "../../domain/error.ts";
import type { LedgerRow, ShadowDecision } from "../../domain/ledger-row.ts";
import { bucketOf } from "./canary-latency.ts";

export const HOUR_MS = 3_600_000;

/** Columns of `usage_rows`. Whole numbers throughout, "" where something is absent. */
export type UsageEntry = {
  readonly request_id: string;
  readonly version: number;
  readonly at: number;
  readonly status: number;
  /** The row as it came, as JSON. */
  readonly document: string;
  readonly hour: number;
  readonly org: string;
  readonly team: string;
  readonly user: string;
  readonly key: string;
  readonly model: string;
  readonly provider: string;
  readonly canary: string;
  readonly shadow: string;
  readonly tags: string;
  readonly cached: number;
  readonly failed: number;
  readonly broken: number;
  readonly fallback: number;
  readonly estimated: number;
  readonly unpriced: number;
  readonly input_tokens: number;
  readonly cached_input_tokens: number;
  readonly cache_write_tokens: number;
  readonly output_tokens: number;
  readonly reasoning_tokens: number;
  readonly delivered_tokens: number;
  readonly lost_tokens: number;
  readonly cost: number;
  readonly saved: number;
  readonly timed: number;
  readonly latency: number;
  readonly gateway_bucket: number | null;
};

const BAD_REQUEST = 400;
const SERVER_ERROR = 500;

/** A newer version of the gateway may write what this one does not expect: that counts as nothing. */
const whole = (value: unknown): number =>
  typeof value === "number" && value > 0 ? Math.min(Math.round(value), Number.MAX_SAFE_INTEGER) : 0;
const flag = (value: boolean): number => (value ? 1 : 0);

/** `id:arm`, as it stands in rows and in groups. */
export const canaryName = (canary: LedgerRow["canary"] | undefined): string | null =>
  canary ? `${canary.id}:${canary.arm}` : null;

/** A figure at a decision's end (`hit:0.97`): it stands in the row; in sums each would be a line of its own. */
const FIGURE = /:\d+(?:\.\d+)?$/;

/** `section:decision` of all, in one order: what was decided alike has one name. */
const shadowName = (shadow: readonly ShadowDecision[]): string =>
  shadow
    .map(({ section, decision }) => `${section}:${decision.replace(FIGURE, "")}`)
    .sort()
    .join(",");

const tagsName = (tags: LedgerRow["tags"]): string =>
  JSON.stringify(Object.fromEntries(Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1))));

/** Whether a stream broke after its 200, by the fault of anybody but its caller. */
const brokeOff = ({ status, error_code }: LedgerRow): boolean => {
  if (status >= BAD_REQUEST || error_code === null) return false;
  // A code that only a newer version knows is a fault all the same.
  const known = Object.hasOwn(ERRORS, error_code)
    ? ERRORS[error_code as keyof typeof ERRORS]
    : null;
  return known === null || known.source === "upstream" || known.source === "gateway";
};

/** Fields that an older or a newer version of the gateway left out count as absent. */
export const usageEntry = (row: LedgerRow): UsageEntry => {
  const tokens = whole(row.input_tokens) + whole(row.output_tokens);
  return {
    request_id: row.request_id,
    version: row.version,
    at: row.at,
    status: whole(row.status),
    document: JSON.stringify(row),
    hour: row.at - (row.at % HOUR_MS),
    org: row.org,
    team: row.team ?? "",
    user: row.user ?? "",
    key: row.key ?? "",
    model: row.model ?? "",
    provider: row.provider ?? "",
    canary: canaryName(row.canary) ?? "",
    shadow: shadowName(row.shadow ?? []),
    tags: tagsName(row.tags ?? {}),
    cached: flag(row.cache === "hit" || row.cache === "semantic"),
    failed: flag(row.status >= SERVER_ERROR),
    broken: flag(brokeOff(row)),
    fallback: flag((row.fallback_from ?? null) !== null),
    estimated: flag(row.estimated === true),
    unpriced: flag((row.cost_nano_usd ?? null) === null && tokens > 0),
    input_tokens: whole(row.input_tokens),
    cached_input_tokens: whole(row.cached_input_tokens),
    cache_write_tokens: whole(row.cache_write_tokens),
    output_tokens: whole(row.output_tokens),
    reasoning_tokens: whole(row.reasoning_tokens),
    delivered_tokens: whole(row.delivered_tokens ?? row.output_tokens),
    lost_tokens: whole(row.lost_tokens),
    cost: whole(row.cost_nano_usd),
    saved: whole(row.saved_nano_usd),
    timed: flag((row.latency_ms ?? null) !== null),
    latency: whole(row.latency_ms),
    gateway_bucket: (row.gateway_ms ?? null) === null ? null : bucketOf(whole(row.gateway_ms)),
  };
};
