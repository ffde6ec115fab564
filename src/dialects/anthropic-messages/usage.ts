/**
 * Decides: how Anthropic's `usage` becomes the normal form and back.
 * Never: estimates. A count that is missing, negative or not whole is missing.
 */
import type { Usage } from "../../domain/usage.ts";
import { defined } from "../defined.ts";
import { countIn } from "../loosely.ts";
import { isObject, type Json } from "../reading.ts";

/** Written to the cache: by lifetime where that is told, else all of it counts as the five-minute kind. */
const cacheWrites = (
  usage: Json,
): readonly [brief: number | undefined, long: number | undefined] => {
  const split = usage["cache_creation"];
  const total = countIn(usage["cache_creation_input_tokens"]);
  if (!isObject(split)) return [total, undefined];
  const long = countIn(split["ephemeral_1h_input_tokens"]);
  const brief = countIn(split["ephemeral_5m_input_tokens"]);
  // A split that leaves a part of the total out is filled up with the cheaper kind.
  return [total === undefined ? brief : Math.max(brief ?? 0, total - (long ?? 0)), long];
};

const orNothing = (usage: Usage): Usage | undefined =>
  Object.keys(usage).length === 0 ? undefined : usage;

/** `input_tokens` is fresh input already: cached and newly cached tokens stand beside it. */
export const decodeUsage = (value: unknown): Usage | undefined => {
  if (!isObject(value)) return undefined;
  const [brief, long] = cacheWrites(value);
  const details = value["output_tokens_details"];
  return orNothing(
    defined({
      input_tokens: countIn(value["input_tokens"]),
      cache_read_tokens: countIn(value["cache_read_input_tokens"]),
      cache_write_5m_tokens: brief,
      cache_write_1h_tokens: long,
      output_tokens: countIn(value["output_tokens"]),
      reasoning_tokens: isObject(details) ? countIn(details["thinking_tokens"]) : undefined,
    }),
  );
};

export const encodeUsage = (usage: Usage): Record<string, unknown> => {
  const { cache_write_5m_tokens: brief, cache_write_1h_tokens: long } = usage;
  const writes =
    brief === undefined && long === undefined
      ? {}
      : {
          cache_creation_input_tokens: (brief ?? 0) + (long ?? 0),
          cache_creation: {
            ephemeral_5m_input_tokens: brief ?? 0,
            ephemeral_1h_input_tokens: long ?? 0,
          },
        };
  const thinking = usage.reasoning_tokens;
  return {
    input_tokens: usage.input_tokens ?? 0,
    ...writes,
    ...defined({ cache_read_input_tokens: usage.cache_read_tokens }),
    output_tokens: usage.output_tokens ?? 0,
    ...(thinking === undefined ? {} : { output_tokens_details: { thinking_tokens: thinking } }),
  };
};

/** A delta repeats the cache writes without their lifetimes: message_start has already told both. */
const withoutBareWrites = (usage: Json): Json => {
  if (isObject(usage["cache_creation"])) return usage;
  const { cache_creation_input_tokens: _total, ...rest } = usage;
  return rest;
};

/** The usage in one decoded stream event. Counts are cumulative: a later one replaces an earlier one. */
export const streamUsage = (data: unknown): Usage | undefined => {
  if (!isObject(data)) return undefined;
  if (data["type"] === "message_start") {
    const begun = isObject(data["message"]) ? decodeUsage(data["message"]["usage"]) : undefined;
    if (begun === undefined) return undefined;
    // The first token or so: no count of the answer, should none come after it.
    const { output_tokens: _first, ...usage } = begun;
    return usage;
  }
  const usage = data["usage"];
  return data["type"] === "message_delta" && isObject(usage)
    ? decodeUsage(withoutBareWrites(usage))
    : undefined;
};
