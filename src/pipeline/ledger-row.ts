/**
 * Decides: what the ledger keeps of a request, from what its stages have noted.
 * Never: holds a word of a prompt or an answer, or is too large for a queue (128 kB a message).
 */
import type { LedgerRow, ShadowDecision } from "../domain/ledger-row.ts";
import { totalInput, type Usage } from "../domain/usage.ts";
import { PRICE_VERSION } from "../policy/usage/model-table.ts";
import { isEstimated, lostTokens } from "./bill.ts";
import type { Run } from "./run.ts";
import { upstreamMs } from "./upstream-time.ts";

const known = <T>(value: T | undefined): T | null => value ?? null;

/** Whole input: fresh, cached and newly cached. Null where no attempt has told. */
const inputOf = (usage: Usage | undefined): number | null =>
  usage === undefined ? null : totalInput(usage);

const writtenOf = (usage: Usage | undefined): number | null => {
  const { cache_write_5m_tokens: short, cache_write_1h_tokens: long } = usage ?? {};
  return short === undefined && long === undefined ? null : (short ?? 0) + (long ?? 0);
};

/** Characters. A provider may call itself what it likes; the ledger's rows have to stay small. */
const LONGEST_NAME = 200;
/** Characters: as long as an end user's name may be (http/control-forms.ts). */
const LONGEST_USER = 512;
/** Whose policies watch more limits than this at once sees the first of them. */
const MOST_DECISIONS = 100;
/** Characters; the longest of our own making are the names of limits with a tag in them. */
const LONGEST_DECISION = 100;

/** As much of a name from outside as has a place in a row. */
const named = (name: string | undefined, most = LONGEST_NAME): string | null =>
  name === undefined ? null : name.slice(0, most);

/** Each once: several rules of one level, unit and period have one name. */
const distinct = (shadow: readonly ShadowDecision[]): readonly ShadowDecision[] => {
  if (shadow.length === 0) return shadow;
  const byName = new Map(
    shadow.map((each) => [
      `${each.section} ${each.decision}`,
      { section: each.section, decision: each.decision.slice(0, LONGEST_DECISION) },
    ]),
  );
  return [...byName.values()].slice(0, MOST_DECISIONS);
};

const messagesIn = ({ ask: { body } }: Run): number | null => {
  const messages = body.value["messages"];
  return Array.isArray(messages) ? messages.length : null;
};

/** The output that the caller was given: of the answers that were shown to him, the last one whole. */
const deliveredOf = ({ bill }: Run): number | null => {
  const last = bill.entries.findLast(({ served }) => served);
  return known(last?.usage?.output_tokens);
};

/** What the request took but for the time of its providers. Null while it lasts. */
const gatewayMs = ({ record: { at, latency_ms: took }, upstreamTime }: Run): number | null =>
  took === undefined ? null : Math.max(0, took - upstreamMs(upstreamTime, at + took));

/** The row as things stand; complete once the record is. `version` is the ledger's to set. */
export const rowOf = (run: Run): LedgerRow => {
  const { record, ask, bill } = run;
  const { usage } = record;
  return {
    request_id: record.request_id,
    version: 0,
    client_request_id: named(record.client_request_id),
    at: record.at,
    endpoint: record.endpoint,
    org: ask.caller.org,
    team: known(record.team),
    user: named(record.user, LONGEST_USER),
    key: ask.caller.key,
    tags: record.tags,
    requested_model: named(record.requested_model),
    model: known(record.model),
    upstream_model: named(record.upstream_model),
    provider: known(record.provider),
    route: record.route,
    canary: known(record.canary),
    status: record.status,
    error_code: known(record.error_code),
    stream: record.stream,
    input_tokens: inputOf(usage),
    cached_input_tokens: known(usage?.cache_read_tokens),
    cache_write_tokens: writtenOf(usage),
    output_tokens: known(usage?.output_tokens),
    reasoning_tokens: known(usage?.reasoning_tokens),
    lost_tokens: lostTokens(bill),
    delivered_tokens: deliveredOf(run),
    cost_nano_usd: known(record.cost_nano_usd),
    estimated: record.estimated || isEstimated(bill),
    latency_ms: known(record.latency_ms),
    first_token_ms: known(record.first_token_ms),
    gateway_ms: gatewayMs(run),
    cache: record.cache,
    similarity: known(run.similarity),
    saved_nano_usd: run.savedNanoUsd,
    attempts: record.attempts,
    fallback_from: known(record.fallback_from),
    recovered: known(run.recovered),
    shadow: distinct(record.shadow),
    prompt_hash: known(run.promptHash),
    message_count: messagesIn(run),
    config_version: known(record.config_version),
    price_version: PRICE_VERSION,
  };
};
