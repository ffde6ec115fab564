/**
 * Decides: how OpenAI's `usage`, and what look-alikes make of it, becomes the normal form and back.
 * Never: estimates. A count that is missing, negative or not whole is missing.
 */
import { totalInput, type Usage } from "../../domain/usage.ts";
import { defined } from "../defined.ts";
import { countIn } from "../loosely.ts";
import { isObject, type Json } from "../reading.ts";

const details = (usage: Json, name: string): Json => {
  const value = usage[name];
  return isObject(value) ? value : {};
};

/** Cache writes by lifetime where that is told (as the encoder below does), else all as the five-minute kind. */
const cacheWrites = (
  prompt: Json,
): readonly [brief: number | undefined, long: number | undefined] => {
  const split = details(prompt, "cache_creation");
  const long = countIn(split["ephemeral_1h_input_tokens"]);
  const total = countIn(prompt["cache_write_tokens"]);
  return long === undefined ? [total, undefined] : [Math.max(0, (total ?? 0) - long), long];
};

/** OpenAI counts cached, newly cached and audio tokens inside `prompt_tokens`, reasoning inside the completion's. */
export const decodeUsage = (value: unknown): Usage | undefined => {
  if (!isObject(value)) return undefined;
  const prompt = details(value, "prompt_tokens_details");
  const completion = details(value, "completion_tokens_details");
  // DeepSeek says prompt_cache_hit_tokens, Together cached_tokens, Mistral num_cached_tokens.
  const hit =
    countIn(prompt["cached_tokens"]) ??
    countIn(value["prompt_cache_hit_tokens"]) ??
    countIn(value["cached_tokens"]) ??
    countIn(value["num_cached_tokens"]);
  const [brief, long] = cacheWrites(prompt);
  const input = countIn(value["prompt_tokens"]);
  const output = countIn(value["completion_tokens"]);
  const reasoning = countIn(completion["reasoning_tokens"]);
  const audio = countIn(prompt["audio_tokens"]);
  // xAI counts reasoning, Mistral audio, beside the figure that it is a part of elsewhere: the total tells.
  const unaccounted = (countIn(value["total_tokens"]) ?? 0) - (input ?? 0) - (output ?? 0);
  const beside = (part: number | undefined): number =>
    unaccounted > 0 && unaccounted === part ? part : 0;
  const whole = (input ?? 0) + beside(audio);
  // Azure's Grok counts a preamble of its own as cached, which stands in no other figure: no more was read than asked.
  const cached = hit === undefined || input === undefined ? hit : Math.min(hit, whole);
  const written = (brief ?? 0) + (long ?? 0);
  // Some count a token that was read and written again as both: then the parts are more than the whole.
  const both = (cached ?? 0) + written;
  const fresh = whole - (both <= whole ? both : Math.max(cached ?? 0, written));
  const usage = defined({
    input_tokens: input === undefined ? undefined : Math.max(0, fresh),
    cache_read_tokens: cached,
    cache_write_5m_tokens: brief,
    cache_write_1h_tokens: long,
    output_tokens: output === undefined ? undefined : output + beside(reasoning),
    reasoning_tokens: reasoning,
    audio_input_tokens: audio,
    audio_output_tokens: countIn(completion["audio_tokens"]),
  });
  return Object.keys(usage).length === 0 ? undefined : usage;
};

/** OpenAI has one figure for cache writes; the lifetimes stand beside it in Anthropic's words. */
export const encodeUsage = (usage: Usage): Record<string, unknown> => {
  const input = totalInput(usage);
  const output = usage.output_tokens ?? 0;
  const { cache_write_5m_tokens: brief, cache_write_1h_tokens: long } = usage;
  const written =
    brief === undefined && long === undefined ? undefined : (brief ?? 0) + (long ?? 0);
  const split =
    long === undefined
      ? undefined
      : { ephemeral_5m_input_tokens: brief ?? 0, ephemeral_1h_input_tokens: long };
  const prompt = defined({
    cached_tokens: usage.cache_read_tokens,
    cache_write_tokens: written,
    cache_creation: split,
    audio_tokens: usage.audio_input_tokens,
  });
  const completion = defined({
    reasoning_tokens: usage.reasoning_tokens,
    audio_tokens: usage.audio_output_tokens,
  });
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    ...(Object.keys(prompt).length > 0 ? { prompt_tokens_details: prompt } : {}),
    ...(Object.keys(completion).length > 0 ? { completion_tokens_details: completion } : {}),
  };
};

/** The usage in one decoded stream chunk; Groq's older servers put it under `x_groq`. */
export const streamUsage = (data: unknown): Usage | undefined => {
  if (!isObject(data)) return undefined;
  const groq = data["x_groq"];
  return decodeUsage(data["usage"] ?? (isObject(groq) ? groq["usage"] : undefined));
};

/** Whether a chunk only reports usage: what a caller who did not ask for usage must not see. */
export const isUsageChunk = (data: unknown): boolean => {
  if (!isObject(data) || !isObject(data["usage"])) return false;
  const choices = data["choices"];
  return (
    choices === undefined || choices === null || (Array.isArray(choices) && choices.length === 0)
  );
};
